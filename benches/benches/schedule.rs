//! How long it takes to say what starts next, and whether a task may start: with a hundred thousand tasks against with a
//! thousand, in the same run.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use leviathan_benches::{Rounds, backlog, cpu_time, recorded, target};
use leviathan_core::Timestamp;
use leviathan_core::graph::{Graph, TaskKey};
use leviathan_core::id::{TargetId, TaskId};
use leviathan_core::schedule::{admit, next};
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A graph whose last `ready` tasks may start, and the key of its very last.
fn graph_of(tasks: usize, ready: usize) -> Outcome<(Graph, TaskKey)> {
    let mut graph = Graph::new();
    recorded(backlog(tasks, ready)).iter().for_each(|event| graph.evolve(event));
    let last = tasks - 1;
    Ok((graph, TaskKey::new(TargetId::new(target(last))?, TaskId::new(format!("task-{last}"))?)))
}

/// The time of one call, on average over a round.
fn time_of(rounds: Rounds, mut call: impl FnMut()) -> Duration {
    let (start, mut calls) = (cpu_time(), 0);
    while calls == 0 || cpu_time() - start < rounds.time {
        (0..64).for_each(|_| call());
        calls += 64;
    }
    (cpu_time() - start) / calls
}

fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    let now: Timestamp = leviathan_core::parse_timestamp("2026-01-24T11:00:00Z")?;
    let large = if rounds.count > 1 { 100_000 } else { 5_000 };
    println!("schedule, nanoseconds, median of {}; 1,000 tasks against {large}", rounds.count);
    println!("{:<40}  {:>10}  {:>10}  {:>6}", "", "1,000", large, "ratio");
    for (what, of_small, of_large) in [("all are candidates", 1_000, large), ("ten are candidates", 10, 10)] {
        let (small, large) = (graph_of(1_000, of_small)?, graph_of(large, of_large)?);
        let first =
            |graph: &(Graph, TaskKey)| time_of(rounds, || drop(black_box(next(&graph.0, now).next())));
        let all = |graph: &(Graph, TaskKey)| {
            time_of(rounds, || {
                black_box(next(&graph.0, now).take(10).count());
            })
        };
        let judged =
            |graph: &(Graph, TaskKey)| time_of(rounds, || drop(black_box(admit(&graph.0, &graph.1, now))));
        for (name, time) in [
            ("first of next", &first as &dyn Fn(&(Graph, TaskKey)) -> Duration),
            ("ten of next", &all),
            ("admit of the last task", &judged),
        ] {
            let mut times: Vec<_> = (0..rounds.count).map(|_| (time(&small), time(&large))).collect();
            times.sort_by_key(|(small, _)| *small);
            let small = times[times.len() / 2].0;
            times.sort_by_key(|(_, large)| *large);
            let large = times[times.len() / 2].1;
            println!(
                "{:<40}  {:>10}  {:>10}  {:>6.2}",
                format!("{name}, {what}"),
                small.as_nanos(),
                large.as_nanos(),
                large.as_secs_f64() / small.as_secs_f64()
            );
        }
    }
    Ok(())
}
