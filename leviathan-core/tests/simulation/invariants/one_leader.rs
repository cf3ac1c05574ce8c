//! Nothing is started or recorded of an attempt but by who leads at that very place of the log.

use super::one_outcome::ends;
use crate::author::Author;
use crate::fact::Fact;
use crate::violation::{Invariant, Violation};
use leviathan_core::event::{Event, Origin};

#[derive(Default)]
pub(crate) struct OneLeader {
    /// Who had itself elected for the newest term, and that term.
    leader: Option<(Author, u64)>,
}

impl OneLeader {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        if fact.origin != Origin::Observed {
            return Ok(());
        }
        if let Event::SchedulerElected(fields) = &fact.event {
            match self.leader {
                Some((author, term)) if term == fields.term && author == fact.author => return Ok(()),
                Some((author, term)) if term >= fields.term => {
                    return Invariant::OneLeader
                        .violated(format_args!("{author} leads in term {term} already: {}", fact.line));
                }
                _ => self.leader = Some((fact.author, fields.term)),
            }
        }
        let is_a_schedulers = (ends(&fact.event).is_some()
            && !matches!(fact.event, Event::AttemptInvalidated(_)))
            || matches!(
                fact.event,
                Event::AttemptCreated(_)
                    | Event::JobSubmitted(_)
                    | Event::JobStarted(_)
                    | Event::JobCompleted(_)
                    | Event::JobFailed(_)
            );
        match self.leader {
            Some((author, _)) if author == fact.author => Ok(()),
            _ if !is_a_schedulers => Ok(()),
            leader => {
                let by = fact.author;
                Invariant::OneLeader
                    .violated(format_args!("{by} does not lead, but {leader:?} does: {}", fact.line))
            }
        }
    }
}
