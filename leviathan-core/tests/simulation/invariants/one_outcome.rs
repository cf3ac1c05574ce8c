//! Each attempt ends, and ends once. One of the fleet is ended by one event of its scheduler; one of somebody else by the
//! first that its own worker tells. What that says stays, unless an operator takes it back, which is for good.

use crate::author::Author;
use crate::fact::Fact;
use crate::violation::{Invariant, Violation};
use leviathan_core::Ledger;
use leviathan_core::event::{Event, Origin};
use leviathan_core::graph::{AttemptState, Graph, Outcome};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Position;
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct OneOutcome(BTreeMap<AttemptId, Life>);

struct Life {
    /// The fleet runs it.
    is_ours: bool,
    /// Where it ended, and whether well.
    ended: Option<(Position, bool)>,
    is_taken_back: bool,
}

impl OneOutcome {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        let is_observed = fact.origin == Origin::Observed;
        if let Event::AttemptCreated(fields) = &fact.event {
            let life = Life { is_ours: is_observed, ended: None, is_taken_back: false };
            self.0.entry(fields.attempt_id.clone()).or_insert(life);
        }
        let Some(life) = ends(&fact.event).and_then(|attempt| self.0.get_mut(attempt)) else { return Ok(()) };
        let succeeded = matches!(fact.event, Event::AttemptSucceeded(_));
        let takes_back = matches!(fact.event, Event::AttemptInvalidated(_));
        match life.ended {
            _ if life.is_ours && !is_observed => Ok(()),
            None => {
                life.ended = Some((fact.position, succeeded));
                life.is_taken_back = takes_back;
                Ok(())
            }
            Some(_) if takes_back && !life.is_taken_back => {
                life.is_taken_back = true;
                Ok(())
            }
            // Its worker may contradict itself; the first word counts.
            Some(_) if !life.is_ours && !is_observed => Ok(()),
            Some((first, _)) => Invariant::OneOutcome
                .violated(format_args!("what ended at {first} ends again: {}", fact.line)),
        }
    }

    /// That everything has ended, and that every graph has it as the log said first.
    pub(super) fn finish(&self, ledgers: &[(Author, Ledger)]) -> Result<(), Violation> {
        for (attempt, life) in &self.0 {
            let Some((first, succeeded)) = life.ended else {
                return Invariant::OneOutcome.violated(format_args!("{attempt} never ended"));
            };
            for (author, ledger) in ledgers {
                let state = ledger.read(|graph| state(graph, attempt));
                let is_so = match &state {
                    Some(AttemptState::Invalidated { .. }) => life.is_taken_back,
                    Some(AttemptState::Ended(outcome)) => {
                        !life.is_taken_back && matches!(outcome, Outcome::Succeeded { .. }) == succeeded
                    }
                    _ => false,
                };
                if !is_so {
                    return Invariant::OneOutcome.violated(format_args!(
                        "{attempt} ended at {first}, well: {succeeded}; {author} has it {state:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn state(graph: &Graph, attempt: &AttemptId) -> Option<AttemptState> {
    graph.attempt(attempt).map(|attempt| attempt.state.clone())
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
