//! How fast events become durable: `FileEventStore` against the same bytes written and synced without any hash.
//!
//! Both stand behind the same batching writer: 16 producers each wait for their bundle, and what waits goes out as one
//! batch of at most 4,096 events. Ours hashes each event and links it; `raw` writes the lines with a made-up hash.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use bytes::Bytes;
use leviathan_benches::{Rate, Rounds, bodies};
use leviathan_core::log::{EventBody, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_local::events::FileEventStore;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

const PRODUCERS: usize = 16;
const MAX_BATCH: usize = 4096;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Makes a batch durable.
trait Sink: Send + 'static {
    /// What a producer makes of an event before it waits in line.
    type Event: Send + 'static;
    fn prepare(body: Bytes) -> Self::Event;
    fn append(&mut self, events: Vec<Self::Event>) -> impl Future<Output = Outcome<()>> + Send;
}

struct Ours(FileEventStore);

impl Sink for Ours {
    type Event = EventBody;

    fn prepare(body: Bytes) -> EventBody {
        EventBody::seal(body)
    }

    async fn append(&mut self, events: Vec<EventBody>) -> Outcome<()> {
        let head = self.0.head();
        Ok(self.0.append(&head, &SealedEvent::chain(head, events)).await?)
    }
}

struct Raw {
    file: Arc<Mutex<File>>,
    position: u64,
}

impl Sink for Raw {
    type Event = Bytes;

    fn prepare(body: Bytes) -> Bytes {
        body
    }

    async fn append(&mut self, events: Vec<Bytes>) -> Outcome<()> {
        let mut bytes = Vec::with_capacity(events.iter().map(|body| body.len() + 160).sum());
        for body in &events {
            self.position += 1;
            write!(bytes, "{{\"position\":{},\"hash\":\"", self.position)?;
            bytes.extend_from_slice(&[b'0'; 64]);
            bytes.extend_from_slice(b"\",\"body\":");
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"}\n");
        }
        // As long as a commit line.
        bytes.extend_from_slice(&[b'0'; 140]);
        bytes.push(b'\n');
        let file = Arc::clone(&self.file);
        let write = move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(&bytes)?;
            file.sync_data()
        };
        Ok(tokio::task::spawn_blocking(write).await??)
    }
}

type Waiting<E> = (Vec<E>, oneshot::Sender<()>);

/// Turns what waits into one append, again and again.
async fn write_batches<S: Sink>(mut sink: S, mut bundles: mpsc::Receiver<Waiting<S::Event>>) -> Outcome<()> {
    while let Some(first) = bundles.recv().await {
        let (mut events, done) = first;
        let mut waiting = vec![done];
        while events.len() < MAX_BATCH {
            let Ok((more, done)) = bundles.try_recv() else { break };
            events.extend(more);
            waiting.push(done);
        }
        sink.append(events).await?;
        for done in waiting {
            // A producer whose time is up does not listen.
            let _ = done.send(());
        }
    }
    Ok(())
}

/// Events per second that were acknowledged.
async fn measure<S: Sink>(sink: S, bundle: usize, time: Duration) -> Outcome<Rate> {
    let (queue, bundles) = mpsc::channel(PRODUCERS);
    let writer = tokio::spawn(write_batches(sink, bundles));
    let start = Instant::now();
    let produce = |producer: usize| {
        let queue = queue.clone();
        let bodies = bodies(producer * 1_000_000, bundle);
        async move {
            let mut acknowledged = 0;
            while start.elapsed() < time {
                let events = bodies.iter().cloned().map(S::prepare).collect();
                let (done, answer) = oneshot::channel();
                if queue.send((events, done)).await.is_err() || answer.await.is_err() {
                    break;
                }
                acknowledged += bundle;
            }
            acknowledged
        }
    };
    let producers: Vec<_> = (0..PRODUCERS).map(|producer| tokio::spawn(produce(producer))).collect();
    drop(queue);
    let mut acknowledged = 0;
    for producer in producers {
        acknowledged += producer.await?;
    }
    let took = start.elapsed();
    writer.await??;
    Ok(Rate::of(acknowledged, took))
}

fn ours(directory: &Path) -> Outcome<Ours> {
    Ok(Ours(FileEventStore::open(directory.join("ours"))?.0))
}

fn raw(directory: &Path) -> Outcome<Raw> {
    Ok(Raw { file: Arc::new(Mutex::new(File::create(directory.join("raw"))?)), position: 0 })
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    println!("append, {PRODUCERS} producers, events per second, median of {}", rounds.count);
    println!("{:>7}  {:>10}  {:>10}  {:>6}", "bundle", "raw", "ours", "ratio");
    for bundle in [1, 10, 100] {
        let (mut raws, mut all_ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds.count {
            // One after the other, so that both see the machine in the same mood.
            let directory = TempDir::new()?;
            raws.push(measure(raw(directory.path())?, bundle, rounds.time).await?);
            all_ours.push(measure(ours(directory.path())?, bundle, rounds.time).await?);
        }
        let (raw, ours) = (Rate::median(raws), Rate::median(all_ours));
        println!("{bundle:>7}  {raw:>10}  {ours:>10}  {:>6.2}", ours.to(raw));
    }
    Ok(())
}
