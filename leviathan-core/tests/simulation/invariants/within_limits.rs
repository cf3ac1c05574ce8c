//! At no position of the log is more opened than the limits that hold there let. A limit that is lowered below what is
//! open breaks nothing by itself.

use super::one_outcome::ends;
use crate::fact::Fact;
use crate::violation::{Invariant, Violation};
use leviathan_core::Limits;
use leviathan_core::event::{Event, Origin};
use leviathan_core::id::AttemptId;
use std::collections::BTreeSet;

#[derive(Default)]
pub(crate) struct WithinLimits {
    limits: Limits,
    open: BTreeSet<AttemptId>,
}

impl WithinLimits {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        if fact.origin != Origin::Observed {
            return Ok(());
        }
        if let Some(attempt) = ends(&fact.event) {
            self.open.remove(attempt);
        }
        match &fact.event {
            Event::LimitsChanged(fields) => self.limits = fields.limits.clone(),
            Event::AttemptCreated(fields) => {
                self.open.insert(fields.attempt_id.clone());
                let (open, most) = (self.open.len(), self.limits.max_running.get() as usize);
                if open > most {
                    return Invariant::WithinLimits.violated(format_args!(
                        "at most {most} may be open, and {:?} are: {}",
                        self.open, fact.line
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
