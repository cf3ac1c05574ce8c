//! `Leader`: which scheduler may start, record and carry out.

use crate::Timestamp;
use crate::event::payload::SchedulerElected;
use crate::log::Position;
use serde::{Deserialize, Serialize};

/// The scheduler that leads the log, by the newest election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    /// Rises by one with each election of another term. A renewal keeps it.
    pub term: u64,
    /// Who was elected: a name that is meant for people.
    pub holder: String,
    /// Where the first event of the term stands. Each term has its own, so that this is what a scheduler's commands name.
    pub since: Position,
    /// When another may be elected, unless the term is renewed before. `None`: only who takes over may follow.
    pub until: Option<Timestamp>,
}

impl Leader {
    /// Whether the term has not run out at `now`.
    pub fn leads_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Who leads once an election stands in the log at `at`. An election of a term that is over changes nothing.
    pub(super) fn elected(current: Option<Self>, fields: SchedulerElected, at: Position) -> Option<Self> {
        let SchedulerElected { term, holder, until } = fields;
        match current {
            Some(leader) if leader.term == term && leader.holder == holder => Some(Self { until, ..leader }),
            Some(leader) if leader.term >= term => Some(leader),
            _ => Some(Self { term, holder, since: at, until }),
        }
    }
}
