//! How fast a log is verified: against nothing but SHA-256 over the same bytes.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use bytes::Bytes;
use leviathan_benches::{Rate, Rounds, bodies};
use leviathan_core::log::{EventBody, Position, SealedEvent, verify_lines};
use leviathan_core::store::EventStore;
use leviathan_local::events::FileEventStore;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;
use tempfile::TempDir;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs `pass` over all events until the round is over.
fn measure(events: usize, rounds: Rounds, mut pass: impl FnMut() -> Outcome<()>) -> Outcome<Rate> {
    let start = Instant::now();
    let mut done = 0;
    while done == 0 || start.elapsed() < rounds.time {
        pass()?;
        done += events;
    }
    Ok(Rate::of(done, start.elapsed()))
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    let batches = if rounds.count > 1 { 100 } else { 2 };
    let directory = TempDir::new()?;
    let (store, _) = FileEventStore::open(directory.path())?;
    for batch in 0..batches {
        let head = store.head();
        let events = bodies(batch * 1000, 1000).into_iter().map(EventBody::seal);
        store.append(&head, &SealedEvent::chain(head, events)).await?;
    }
    let mut export = Vec::new();
    let head = store.export(Position::START, &mut export)?;
    drop(store);
    let export = Bytes::from(export);
    let line = |line: &[u8]| Ok::<_, Infallible>(export.slice_ref(line));
    let lines = || export.split_inclusive(|byte| *byte == b'\n').map(line);
    let events = batches * 1000;

    let (mut bare, mut verified, mut opened) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds.count {
        bare.push(measure(events, rounds, || {
            black_box(Sha256::digest(&export));
            Ok(())
        })?);
        verified.push(measure(events, rounds, || {
            let Ok(found) = verify_lines(lines(), Some(head));
            found?;
            Ok(())
        })?);
        opened.push(measure(events, rounds, || {
            FileEventStore::open(directory.path())?;
            Ok(())
        })?);
    }
    let bare = Rate::median(bare);
    let size = export.len() / events;
    println!(
        "verify, {events} events in lines of {size} bytes, events per second, median of {}",
        rounds.count
    );
    println!("{:<24}  {:>10}  {:>6}", "", "", "ratio");
    println!("{:<24}  {bare:>10}  {:>6.2}", "bare sha2", 1.0);
    for (name, rates) in [("verify_lines", verified), ("FileEventStore::open", opened)] {
        let rate = Rate::median(rates);
        println!("{name:<24}  {rate:>10}  {:>6.2}", rate.to(bare));
    }
    Ok(())
}
