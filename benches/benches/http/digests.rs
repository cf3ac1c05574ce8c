//! `digests`: how long the graph's digest takes, and how long a bundle waits that comes meanwhile.

use crate::reads::{log_of, sizes};
use leviathan_benches::{EVENTS_OF_ATTEMPT, Outcome, Peer, Rounds, Serving, posted};
use leviathan_core::graph::Graph;
use std::time::{Duration, Instant};

pub(crate) async fn digests(rounds: Rounds) -> Outcome<()> {
    println!("the graph's digest, milliseconds on the wall, median of {}", rounds.count);
    println!(
        "{:>9}  {:>6}  {:>6}  {:>12}  {:>14}",
        "events", "copy", "whole", "bundle alone", "bundle meanwhile"
    );
    for size in sizes(rounds) {
        let serving = log_of(size / EVENTS_OF_ATTEMPT).await?;
        let (mut asking, mut posting) = (Peer::connect(serving.at).await?, Peer::connect(serving.at).await?);
        let (mut copies, mut wholes, mut alone, mut meanwhile) = (vec![], vec![], vec![], vec![]);
        for round in 0..rounds.count {
            let begun = Instant::now();
            drop(serving.ledger.read(Graph::clone));
            copies.push(begun.elapsed());
            alone.push(post(&mut posting, round).await?);
            let begun = Instant::now();
            let digest = asking.ask("GET", "/v1/graph/digest", Serving::TOKEN, "");
            tokio::pin!(digest);
            let mut slowest = Duration::ZERO;
            for number in 0.. {
                let posted = post(&mut posting, (rounds.count + round) * 1_000_000 + number);
                tokio::select! {
                    digest = &mut digest => {
                        digest?;
                        break;
                    }
                    took = posted => slowest = slowest.max(took?),
                }
            }
            wholes.push(begun.elapsed());
            meanwhile.push(slowest);
            // What was posted last may have been left half way.
            posting = Peer::connect(serving.at).await?;
        }
        let [copy, whole, alone, meanwhile] = [copies, wholes, alone, meanwhile].map(median);
        println!("{size:>9}  {copy:>6.1}  {whole:>6.0}  {alone:>12.1}  {meanwhile:>14.1}");
        serving.stop().await?;
    }
    Ok(())
}

/// How long one bundle takes.
async fn post(peer: &mut Peer, number: usize) -> Outcome<Duration> {
    let begun = Instant::now();
    peer.ask("POST", "/v1/events/ingest", Serving::TOKEN, &posted(0, number, 1)).await?;
    Ok(begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}
