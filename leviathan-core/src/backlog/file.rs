//! `Backlog`: what a backlog file holds.

use super::Cycle;
use crate::Fault;
use crate::event::payload::TaskFields;
use crate::id::TaskId;
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// The most tasks of a backlog.
pub const MAX_TASKS: usize = 5_000;

/// What a backlog file holds: the tasks that are in order, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How many pull requests of the target may be open at once, if the file says so.
    pub max_open_prs: Option<NonZeroU32>,
    /// The tasks that are in order, as the file lists them. `order` is the place in the file; `target_id` is none, since a
    /// backlog does not know what its repository is called here.
    pub tasks: Vec<TaskFields>,
    /// Tasks that the file names but that have a fault, so that they are not among `tasks`. They have not vanished: what
    /// is known of them from before still holds.
    pub left_out: BTreeSet<TaskId>,
    /// Tasks that wait for themselves. They are among `tasks`, and none of them can start.
    pub cycles: Vec<Cycle>,
    /// Everything that is wrong, in the order of the file. A dependency that the file does not have, and a cycle, are
    /// faults too, but leave their task in place: it waits.
    pub faults: Vec<Fault>,
}

impl Backlog {
    /// Where a repository keeps it.
    pub const PATH: &str = ".leviathan/backlog.yaml";

    /// The cycle that a task is in.
    pub fn cycle_of(&self, task: &TaskId) -> Option<&Cycle> {
        self.cycles.iter().find(|cycle| cycle.members().contains(task))
    }
}
