//! Who reads the log has the graph of who lived through it.

use crate::author::Author;
use crate::disk::Disk;
use crate::sim::Sim;
use crate::violation::Invariant;
use leviathan_core::Ledger;
use leviathan_core::graph::Graph;

/// Compares a host's graph with a replay up to where that host is.
pub(crate) fn check(sim: &Sim, disk: &Disk, author: Author, ledger: &Ledger) {
    let (head, live) = ledger.read(|graph| (graph.head(), graph.digest()));
    let mut replay = Graph::new();
    disk.all().iter().take(head.position.get() as usize).for_each(|event| replay.evolve(event));
    if (replay.head(), replay.digest()) != (head, live) {
        sim.violated(
            Invariant::ReplayEqualsLive,
            format_args!(
                "{author} is at {head} with {live}; a replay is at {} with {}",
                replay.head(),
                replay.digest()
            ),
        );
    }
}
