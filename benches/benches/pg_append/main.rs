//! How fast events become durable in Postgres: our store and our ledger against rows of the same size inserted without any
//! hash and without any order.
//!
//! 16 writers each wait for their bundle. `raw`: each has a connection of its own and inserts each bundle by one statement.
//! `store`: what waits goes out as one append of at most 4,096 events. `ledger`: the same with all that a control plane
//! does, from the command to the graph. Server and client share the machine. Without a server it says so, and measures
//! nothing.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use bytes::Bytes;
use leviathan_benches::{Rate, Rounds, bodies};
use leviathan_core::decide::Command;
use leviathan_core::event::EventDraft;
use leviathan_core::id::{EventId, LogId};
use leviathan_core::log::{EventBody, Head, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_core::{Bundle, Ledger, NewLog};
use leviathan_local::SystemClock;
use leviathan_pg::PgEventStore;
use leviathan_test_postgres::{Server, ServerError};
use sqlx::postgres::PgPoolOptions;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

const WRITERS: usize = 16;
const MAX_BATCH: usize = 4096;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Runs the writers for so long. `write` makes a bundle durable: the writer's, and the number of the bundle.
async fn measure<F>(bundle: usize, time: Duration, write: impl Fn(usize) -> F) -> Outcome<Rate>
where
    F: AsyncWrite,
{
    let start = Instant::now();
    let run = |mut writer: F| async move {
        let mut acknowledged = 0;
        for number in 0.. {
            if start.elapsed() >= time {
                break;
            }
            writer.write(number).await?;
            acknowledged += bundle;
        }
        Ok::<_, Box<dyn Error + Send + Sync>>(acknowledged)
    };
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(run(write(writer)))).collect();
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await??;
    }
    Ok(Rate::of(acknowledged, start.elapsed()))
}

/// One writer.
trait AsyncWrite: Send + 'static {
    fn write(&mut self, number: usize) -> impl Future<Output = Outcome<()>> + Send;
}

struct Raw {
    pool: sqlx::PgPool,
    bodies: Vec<Bytes>,
}

impl AsyncWrite for Raw {
    async fn write(&mut self, _: usize) -> Outcome<()> {
        let bodies: Vec<&[u8]> = self.bodies.iter().map(Bytes::as_ref).collect();
        let insert = sqlx::query("insert into raw (body) select body from unnest($1) as event (body)");
        insert.bind(bodies).execute(&self.pool).await?;
        Ok(())
    }
}

async fn raw(url: &str, bundle: usize, time: Duration) -> Outcome<Rate> {
    let writers = WRITERS as u32;
    // No question before each statement whether the connection is there.
    let options =
        PgPoolOptions::new().min_connections(writers).max_connections(writers).test_before_acquire(false);
    let pool = options.connect(url).await?;
    let table =
        "create table raw (position bigint generated always as identity primary key, body bytea not null)";
    sqlx::query(table).execute(&pool).await?;
    let writer = |writer: usize| Raw { pool: pool.clone(), bodies: bodies(writer * 1_000_000, bundle) };
    let rate = measure(bundle, time, writer).await;
    pool.close().await;
    rate
}

type Waiting = (Vec<EventBody>, oneshot::Sender<()>);

struct Store {
    queue: mpsc::Sender<Waiting>,
    bodies: Vec<Bytes>,
}

impl AsyncWrite for Store {
    async fn write(&mut self, _: usize) -> Outcome<()> {
        let sealed = self.bodies.iter().cloned().map(EventBody::seal).collect();
        let (done, answer) = oneshot::channel();
        self.queue.send((sealed, done)).await?;
        Ok(answer.await?)
    }
}

/// Turns what waits into one append, again and again.
async fn append_batches(store: PgEventStore, mut bundles: mpsc::Receiver<Waiting>) -> Outcome<()> {
    let mut head = Head::EMPTY;
    while let Some((mut bodies, done)) = bundles.recv().await {
        let mut waiting = vec![done];
        while bodies.len() < MAX_BATCH {
            let Ok((more, done)) = bundles.try_recv() else { break };
            bodies.extend(more);
            waiting.push(done);
        }
        let events = SealedEvent::chain(head, bodies);
        store.append(&head, &events).await?;
        head = events.last().map_or(head, |event| event.head);
        for done in waiting {
            // A writer whose time is up does not listen.
            let _ = done.send(());
        }
    }
    Ok(())
}

async fn store(url: &str, bundle: usize, time: Duration) -> Outcome<Rate> {
    let (queue, bundles) = mpsc::channel(WRITERS);
    let appender = tokio::spawn(append_batches(PgEventStore::connect(url, "store").await?, bundles));
    let writer = |writer: usize| Store { queue: queue.clone(), bodies: bodies(writer * 1_000_000, bundle) };
    let rate = measure(bundle, time, writer).await;
    drop(queue);
    appender.await??;
    rate
}

struct Door {
    ledger: Ledger,
    writer: usize,
    bundle: Bundle,
}

impl AsyncWrite for Door {
    async fn write(&mut self, number: usize) -> Outcome<()> {
        let mut bundle = self.bundle.clone();
        for (nth, event) in bundle.events.iter_mut().enumerate() {
            event.event_id = EventId::new(format!("ev-{}-{number}-{nth}", self.writer))?;
        }
        self.ledger.submit(Command::Ingest(bundle)).await?;
        Ok(())
    }
}

async fn ledger(url: &str, bundle: usize, time: Duration) -> Outcome<Rate> {
    let store = Arc::new(PgEventStore::connect(url, "ledger").await?);
    let new = NewLog { log_id: LogId::from_u128(1), name: "bench".to_owned() };
    let (ledger, task) = Ledger::open(store, Arc::new(SystemClock), new).await?;
    let task = tokio::spawn(task.run());
    let bundles = (0..WRITERS).map(|writer| claims(writer, bundle)).collect::<Outcome<Vec<_>>>()?;
    let writer = |writer: usize| Door { ledger: ledger.clone(), writer, bundle: bundles[writer].clone() };
    let rate = measure(bundle, time, writer).await;
    drop(ledger);
    task.await?;
    rate
}

/// A bundle of the events that the other two write as bodies.
fn claims(writer: usize, count: usize) -> Outcome<Bundle> {
    let bodies = bodies(writer * 1_000_000, count);
    let posted: Vec<_> = bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect();
    let mut bundle =
        Bundle::parse(format!("{{\"target\":\"radix\",\"events\":[{}]}}", posted.join(",")).as_bytes())?;
    // All of one attempt, as a worker's are.
    let first: Option<EventDraft> = bundle.events.first().cloned();
    for event in &mut bundle.events {
        event.payload = first.clone().map_or(event.payload.clone(), |first| first.payload);
    }
    Ok(bundle)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(why @ ServerError::NotInstalled(_)) => {
            println!("pg_append: skipped. {why}");
            return Ok(());
        }
        Err(why) => return Err(why.into()),
    };
    let rounds = Rounds::asked_for();
    println!("append to Postgres, {WRITERS} writers, events per second, median of {}", rounds.count);
    println!(
        "{:>7}  {:>9}  {:>9}  {:>6}  {:>9}  {:>6}",
        "bundle", "raw", "store", "ratio", "ledger", "ratio"
    );
    for bundle in [1, 10, 100] {
        let (mut raws, mut stores, mut ledgers) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds.count {
            // One after the other, so that all see the machine in the same mood.
            let url = server.new_database()?;
            raws.push(raw(&url, bundle, rounds.time).await?);
            stores.push(store(&url, bundle, rounds.time).await?);
            ledgers.push(ledger(&url, bundle, rounds.time).await?);
        }
        let (raw, store, ledger) = (Rate::median(raws), Rate::median(stores), Rate::median(ledgers));
        println!(
            "{bundle:>7}  {raw:>9}  {store:>9}  {:>6.2}  {ledger:>9}  {:>6.2}",
            store.to(raw),
            ledger.to(raw)
        );
    }
    Ok(())
}
