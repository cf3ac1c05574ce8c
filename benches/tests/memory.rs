//! How much memory the graph takes. A program of its own with one test, since every allocation in it is counted.

use cap::Cap;
use leviathan_benches::{backlog, history, recorded};
use leviathan_core::graph::Graph;
use std::alloc::System;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// What one attempt may cost in bytes: all of its events, its artifact and its pull request.
const MOST: usize = 2048;

#[test]
fn an_attempt_with_a_dozen_events_takes_at_most_two_kibibytes() {
    // Where something grows by doubling, one of these stands just behind a doubling.
    for attempts in [1_000, 2_100, 5_000] {
        let events = recorded(history(attempts));
        let (tasks, attempted) = events.split_at(backlog(attempts, attempts).len());
        let mut graph = Graph::new();
        tasks.iter().for_each(|event| graph.evolve(event));
        let before = MEMORY.allocated();
        attempted.iter().for_each(|event| graph.evolve(event));
        let each = (MEMORY.allocated() - before) / attempts;
        println!("{each} bytes for each of {attempts} attempts");
        assert_eq!((graph.totals().nodes_by_type["Attempt"], graph.unreadable()), (attempts as u64, 0));
        assert!(each <= MOST, "{each} bytes for each of {attempts} attempts");
    }
}
