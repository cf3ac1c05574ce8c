//! How fast a log in Postgres becomes a graph: a ledger's start, which reads, verifies and projects all of it, against
//! nothing but fetching the same rows; and a start from a snapshot of it.
//!
//! Server and client share the machine. Without a server it says so, and measures nothing.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use futures::TryStreamExt;
use leviathan_benches::{EVENTS_OF_ATTEMPT, Rate, Rounds, history, process_time, server};
use leviathan_core::id::LogId;
use leviathan_core::log::{EventBody, Hash, Head, Position, SealedEvent, Verifier};
use leviathan_core::store::EventStore;
use leviathan_core::{Ledger, LedgerTask, NewLog};
use leviathan_local::SystemClock;
use leviathan_pg::{PgEventStore, Snapshots};
use sqlx::{Connection, PgConnection};
use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many events are appended at once.
const BATCH: usize = 4096;
/// As many as a ledger reads at a time.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
const LOG: &str = "replay";

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What one pass took: on the wall, and of this process's work.
#[derive(Debug, Clone, Copy)]
struct Took {
    wall: Duration,
    work: Duration,
}

/// A pass over the log, which gives the head that it came to.
async fn timed(pass: impl Future<Output = Outcome<Head>>) -> Outcome<(Head, Took)> {
    let (wall, work) = (Instant::now(), process_time());
    let head = pass.await?;
    Ok((head, Took { wall: wall.elapsed(), work: process_time() - work }))
}

/// Writes the log, and gives its head and how many bytes its bodies have.
async fn write(store: &PgEventStore, attempts: usize) -> Outcome<(Head, usize)> {
    let (mut head, mut bytes) = (Head::EMPTY, 0);
    for batch in history(attempts).chunks(BATCH) {
        bytes += batch.iter().map(bytes::Bytes::len).sum::<usize>();
        let events = SealedEvent::chain(head, batch.iter().cloned().map(EventBody::seal));
        store.append(&head, &events).await?;
        head = events.last().map_or(head, |event| event.head);
    }
    Ok((head, bytes))
}

/// The yardstick: every row arrives, and is dropped.
async fn fetch(url: &str) -> Outcome<Head> {
    let mut connection = PgConnection::connect(url).await?;
    let select = "select position, hash, body from leviathan.events join leviathan.logs using (log) \
                  where name = $1 order by position";
    let mut head = Head::EMPTY;
    {
        let mut rows = sqlx::query_as::<_, (i64, Vec<u8>, Vec<u8>)>(select).bind(LOG).fetch(&mut connection);
        while let Some((position, hash, _)) = rows.try_next().await? {
            let hash = Hash::from_bytes(hash.as_slice().try_into()?);
            head = Head { position: Position::new(u64::try_from(position)?), hash };
        }
    }
    connection.close().await?;
    Ok(head)
}

/// Every event arrives and continues the chain, and is dropped.
async fn verify(store: &PgEventStore) -> Outcome<Head> {
    let mut verifier = Verifier::new(Head::EMPTY);
    loop {
        let page = store.read(verifier.head().position, PAGE).await?;
        if page.is_empty() {
            return Ok(verifier.head());
        }
        if let Some(bad) = page.iter().find(|event| !verifier.accept(event.head, event.body.leaf())) {
            return Err(format!("the log is damaged at position {}", bad.head.position).into());
        }
    }
}

/// A host's start; without a snapshot the log is read from its beginning. The ledger works for as long as its task is kept.
async fn open(store: &PgEventStore, snapshot: Option<&[u8]>) -> Outcome<((Ledger, LedgerTask), Head)> {
    let new = NewLog { log_id: LogId::from_u128(1), name: "bench".to_owned() };
    let (ledger, task) =
        Ledger::open_with(Arc::new(store.clone()), Arc::new(SystemClock), new, snapshot).await?;
    let head = ledger.read(|graph| graph.head());
    Ok(((ledger, task), head))
}

/// Has a snapshot kept as a host does, and gives its size.
async fn keep_snapshot(store: &PgEventStore, (ledger, _task): (Ledger, LedgerTask)) -> Outcome<usize> {
    let snapshots = Snapshots::of(store).with_due(1);
    let keeping = tokio::spawn(snapshots.clone().keep(ledger));
    let size = loop {
        if let Some(kept) = snapshots.newest().await {
            break Ok(kept.len());
        }
        if keeping.is_finished() {
            break Err("nobody keeps a snapshot any more".into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    keeping.abort();
    size
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let Some(server) = server("pg_replay")? else { return Ok(()) };
    let in_full = Rounds::asked_for().count > 1;
    // With its task each attempt stands for one event more: a million in all.
    let (attempts, rounds) = if in_full { (1_000_000 / (EVENTS_OF_ATTEMPT + 1), 3) } else { (100, 1) };
    let url = server.new_database()?;
    let store = PgEventStore::connect(&url, LOG).await?;
    let (written, bytes) = write(&store, attempts).await?;
    let count = usize::try_from(written.position.get())?;

    let mut took = [const { Vec::new() }; 4];
    let mut size = 0;
    for round in 0..rounds {
        let mut keep = |nth: usize, (head, time): (Head, Took)| {
            took[nth].push(time);
            if head == written { Ok(()) } else { Err(format!("row {nth} came to {head}, not to {written}")) }
        };
        keep(0, timed(fetch(&url)).await?)?;
        keep(1, timed(verify(&store)).await?)?;
        let mut replayed = None;
        let replay = async {
            let (opened, head) = open(&store, None).await?;
            replayed = Some(opened);
            Ok(head)
        };
        keep(2, timed(replay).await?)?;
        if let (0, Some(opened)) = (round, replayed) {
            size = keep_snapshot(&store, opened).await?;
        }
        let start = async {
            let newest = Snapshots::of(&store).newest().await.ok_or("the snapshot is not there")?;
            Ok(open(&store, Some(&newest)).await?.1)
        };
        keep(3, timed(start).await?)?;
    }

    println!("a log of {count} events of {} bytes in Postgres, median of {rounds}", bytes / count);
    println!("a snapshot of its graph has {} bytes for each event", size / count);
    println!("{:<22}  {:>10}  {:>9}  {:>10}  {:>10}", "", "events/s", "of fetch", "wall ms", "work ms");
    let middle = |times: &[Took], of: fn(&Took) -> Duration| {
        let mut times: Vec<_> = times.iter().map(of).collect();
        times.sort();
        times[times.len() / 2]
    };
    let fetched = Rate::of(count, middle(&took[0], |took| took.wall));
    for (name, took) in ["bare fetch", "verify", "verify and project", "from the snapshot"].iter().zip(&took)
    {
        let (wall, work) = (middle(took, |took| took.wall), middle(took, |took| took.work));
        let rate = Rate::of(count, wall);
        println!(
            "{name:<22}  {rate:>10}  {:>9.2}  {:>10}  {:>10}",
            rate.to(fetched),
            wall.as_millis(),
            work.as_millis()
        );
    }
    Ok(())
}
