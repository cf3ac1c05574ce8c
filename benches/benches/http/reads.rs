//! `reads`: what a question costs in a large log, against a small one.

use bytes::Bytes;
use leviathan_benches::{EVENTS_OF_ATTEMPT, Outcome, Peer, Rounds, Serving, history, process_time};
use leviathan_core::Bundle;
use leviathan_core::decide::Command;
use leviathan_core::log::{EventBody, Head, SealedEvent};
use leviathan_core::store::{EventStore, MemoryEventStore};
use std::sync::Arc;
use std::time::Duration;

const QUESTIONS: [&str; 6] = [
    "/v1/graph/summary",
    "/v1/attempts/attempt-0000000000000000",
    "/v1/failures",
    "/v1/attempts",
    "/v1/attempts?status=succeeded",
    "/v1/tasks/target-0/task-7",
];
/// How many attempts there are for each that failed.
const FOR_EACH_FAILURE: usize = 10;
/// More than a page of failures has.
const FEWEST_FAILURES: usize = 60;

pub(crate) async fn reads(rounds: Rounds) -> Outcome<()> {
    let sizes = sizes(rounds);
    let (mut servings, mut peers) = (Vec::new(), Vec::new());
    for size in sizes {
        let serving = log_of(size / EVENTS_OF_ATTEMPT).await?;
        peers.push(Peer::connect(serving.at).await?);
        servings.push(serving);
    }
    println!("questions, microseconds of processor time, client and server, median of {}", rounds.count);
    let [first, second, third] = sizes;
    println!("{:<40}  {first:>9}  {second:>9}  {third:>9}  {:>12}", "events in the log", "largest/least");
    for question in QUESTIONS {
        let mut times = vec![Vec::new(); sizes.len()];
        for _ in 0..rounds.count {
            for (peer, times) in peers.iter_mut().zip(&mut times) {
                times.push(time_of(rounds, peer, question).await?);
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort();
                times[times.len() / 2].as_secs_f64() * 1e6
            })
            .collect();
        let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
        let most = medians.iter().copied().fold(0.0, f64::max);
        let columns: Vec<String> = medians.iter().map(|median| format!("{median:>9.0}")).collect();
        println!("{question:<40}  {}  {:>12.2}", columns.join("  "), most / least);
    }
    Ok(())
}

/// How many events the logs have that are compared.
pub(crate) fn sizes(rounds: Rounds) -> [usize; 3] {
    if rounds.count > 1 { [1_000, 100_000, 1_000_000] } else { [1_000, 2_000, 10_000] }
}

/// The time of one question, on average over a round.
async fn time_of(rounds: Rounds, peer: &mut Peer, question: &str) -> Outcome<Duration> {
    let (start, mut asked) = (process_time(), 0);
    while asked == 0 || process_time() - start < rounds.time / 2 {
        for _ in 0..16 {
            peer.ask("GET", question, Serving::TOKEN, "").await?;
        }
        asked += 16;
    }
    Ok((process_time() - start) / asked)
}

/// A control plane with a log of so many attempts that went well, and some that failed.
pub(crate) async fn log_of(attempts: usize) -> Outcome<Serving> {
    let bodies: Vec<Bytes> = history(attempts);
    let events = SealedEvent::chain(Head::EMPTY, bodies.into_iter().map(EventBody::seal));
    let store = Arc::new(MemoryEventStore::default());
    store.append(&Head::EMPTY, &events).await?;
    drop(events);
    let serving = Serving::start(store).await?;
    let failed = |n: usize| {
        format!(
            r#"{{"event_id":"failed-{n}","event_type":"attempt.failed","timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{{"attempt_id":"foreign-{n}","status":"failed","failure_type":"checks_failed","error_summary":"3 tests failed"}}}}"#
        )
    };
    let failures = FEWEST_FAILURES.max(attempts / FOR_EACH_FAILURE);
    let failures: Vec<String> = (0..failures).map(failed).collect();
    let bundle =
        Bundle::parse(format!(r#"{{"target":"target-0","events":[{}]}}"#, failures.join(",")).as_bytes())?;
    serving.ledger.submit(Command::Ingest(bundle)).await?;
    Ok(serving)
}
