//! Each attempt of the fleet ends, and ends once: one event ends it, and what that says stays, unless an operator takes it
//! back, which is for good.

use crate::author::Author;
use crate::disk::Disk;
use crate::fact::Fact;
use crate::fleet::Fleet;
use crate::sim::Sim;
use crate::violation::{Invariant, Violation};
use leviathan_core::Ledger;
use leviathan_core::event::{Event, Origin};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Position;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct OneOutcome {
    /// The attempts of the fleet, and where each ended.
    ended: BTreeMap<AttemptId, Option<Position>>,
    taken_back: BTreeSet<AttemptId>,
}

impl OneOutcome {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        if fact.origin != Origin::Observed {
            return Ok(());
        }
        if let Event::AttemptCreated(fields) = &fact.event {
            self.ended.entry(fields.attempt_id.clone()).or_default();
        }
        if let Event::AttemptInvalidated(fields) = &fact.event
            && self.taken_back.insert(fields.attempt_id.clone())
        {
            self.ended.insert(fields.attempt_id.clone(), Some(fact.position));
            return Ok(());
        }
        let Some(ended) = ends(&fact.event).and_then(|attempt| self.ended.get_mut(attempt)) else {
            return Ok(());
        };
        match ended.replace(fact.position) {
            None => Ok(()),
            Some(first) => Invariant::OneOutcome
                .violated(format_args!("what ended at {first} ends again: {}", fact.line)),
        }
    }

    pub(super) fn finish(&self) -> Result<(), Violation> {
        match self.ended.iter().find(|(_, ended)| ended.is_none()) {
            None => Ok(()),
            Some((attempt, _)) => Invariant::OneOutcome.violated(format_args!("{attempt} never ended")),
        }
    }
}

/// The attempt that an event ends.
pub(super) fn ends(event: &Event) -> Option<&AttemptId> {
    match event {
        Event::AttemptSucceeded(_)
        | Event::AttemptFailed(_)
        | Event::AttemptCancelled(_)
        | Event::AttemptInvalidated(_) => event.attempt_id(),
        _ => None,
    }
}

/// That every graph has what the log says, and that nothing was started that the log does not know.
pub(super) fn check(sim: &Sim, disk: &Disk, ledgers: &[(Author, Ledger)], fleet: &Fleet) {
    for attempt in disk.attempts() {
        let open = |(_, ledger): &(Author, Ledger)| {
            ledger.read(|graph| graph.attempt(&attempt).is_none_or(|attempt| !attempt.is_ended()))
        };
        if ledgers.iter().any(open) {
            sim.violated(Invariant::OneOutcome, format_args!("{attempt} has no outcome"));
        }
    }
    for attempt in fleet.starts().into_keys() {
        if disk.created(&attempt).is_none() {
            sim.violated(Invariant::IntentFirst, format_args!("{attempt} ran, and the log does not know it"));
        }
    }
}
