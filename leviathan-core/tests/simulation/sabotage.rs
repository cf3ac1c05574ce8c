//! That the simulation would notice: with any one safeguard switched off, some seed is found to break what that keeps.

use super::seeds::first_failing;
use super::violation::Invariant;
use leviathan_core::safeguard::{Safeguard, switch_off};

/// Within how many seeds it must be noticed.
const SEEDS: u64 = 1_000;

#[track_caller]
fn notices(safeguard: Safeguard, by: &[Invariant]) {
    let found = first_failing(0..SEEDS, || switch_off(safeguard));
    let Some(found) = found else { panic!("without {safeguard:?} {SEEDS} seeds are found in order") };
    let violation = found.verdict.unwrap_err();
    assert!(by.contains(&violation.invariant), "seed {}: {violation}\n{}", found.seed, found.story);
}

#[test]
fn without_fingerprints_a_seed_tells_a_fact_twice() {
    notices(Safeguard::Fingerprint, &[Invariant::AcknowledgedOnce]);
}

#[test]
fn without_intent_before_effect_a_seed_launches_what_the_log_does_not_know() {
    notices(Safeguard::IntentFirst, &[Invariant::IntentFirst]);
}

#[test]
fn without_the_term_check_a_seed_has_a_stale_leader_decide() {
    notices(Safeguard::Term, &[Invariant::OneLeader]);
}

#[test]
fn without_sticky_ends_a_seed_ends_an_attempt_twice() {
    notices(Safeguard::StickyEnd, &[Invariant::OneOutcome]);
}

#[test]
fn without_the_conflict_check_a_seed_acknowledges_what_is_not_in_the_log() {
    // What a host takes for the log is not the log, whoever is the first to see that.
    let by = [Invariant::AcknowledgedOnce, Invariant::LedgerGoesOn, Invariant::IntentFirst];
    notices(Safeguard::Conflict, &by);
}
