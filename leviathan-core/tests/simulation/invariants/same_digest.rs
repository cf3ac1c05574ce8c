//! At the end every host has the same graph.

use crate::author::Author;
use crate::sim::Sim;
use crate::violation::Invariant;
use leviathan_core::Ledger;

pub(super) fn check(sim: &Sim, ledgers: &[(Author, Ledger)]) {
    let ends: Vec<_> =
        ledgers.iter().map(|(_, ledger)| ledger.read(|graph| (graph.head(), graph.digest()))).collect();
    if ends.iter().any(|end| *end != ends[0]) {
        sim.violated(Invariant::SameDigest, format_args!("the hosts end with {ends:?}"));
    }
}
