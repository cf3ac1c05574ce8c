//! A seeded simulation in virtual time: several hosts on one log, with a store and an executor that fail, dawdle and
//! crash, and people and workers who do what they like. docs/testing.md says how to run it and what it shows.

#![allow(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod author;
mod client;
mod clock;
mod disk;
mod executor;
mod fact;
mod fleet;
mod forge;
mod hosts;
mod invariants;
mod people;
mod report;
mod repository;
mod runtime;
mod sabotage;
mod seeds;
mod sim;
mod simulation;
mod store;
mod storm;
mod trace;
mod violation;
mod visitors;
mod watch;
mod worker;

use simulation::simulate;

/// How many seeds are run where nobody says how many.
const USUAL: u64 = 200;

#[test]
fn whatever_the_seed_what_must_hold_does() {
    if let Some(failed) = seeds::first_failing(seeds::asked_for(USUAL), || {}) {
        let (seed, violation) = (failed.seed, failed.verdict.unwrap_err());
        panic!(
            "seed {seed}: {violation}\n\n{}\nseed {seed}: {violation}\nwith its whole trace: \
             LEVIATHAN_SEED={seed} cargo test -p leviathan-core --test simulation whatever -- --nocapture",
            failed.story
        );
    }
}

#[test]
fn a_seed_repeats_itself_exactly() {
    for seed in [1, 2] {
        let (once, again) = (simulate(seed, false), simulate(seed, false));
        assert_eq!((once.head, once.trace), (again.head, again.trace), "seed {seed}");
    }
    assert_ne!(simulate(1, false).trace, simulate(2, false).trace);
}
