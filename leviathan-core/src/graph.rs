//! The graph: targets, tasks, attempts, artifacts and pull requests as the log says they are, with an index for each question asked.
//!
//! It is a projection of the log and of nothing else: [`Graph::evolve`] takes one recorded event after another, cannot
//! fail, and gives the same graph on every machine, which [`Graph::digest`] proves.

mod account;
mod artifact;
mod attempt;
mod attempt_status;
mod attempts;
mod candidates;
mod days;
mod digest;
mod evolve;
mod fingerprints;
mod leader;
mod lists;
mod occupancy;
mod positions;
mod pull_request;
mod queue;
mod recent;
mod roll;
mod snapshot;
mod spending;
mod starts;
mod streak;
mod target;
mod task;
mod totals;
mod turns;
mod waiting;

pub use artifact::Artifact;
pub use attempt::{Attempt, AttemptState, Outcome, Report};
pub use attempt_status::{AttemptStatus, NoAttemptStatus};
pub use leader::Leader;
pub use lists::{AttemptCursor, FailureCursor, NoCursor};
pub use positions::Positions;
pub use pull_request::{PullRequest, PullRequestState};
pub use recent::RecentEvent;
pub use snapshot::BadSnapshot;
pub use streak::{Circuit, Streak};
pub use target::{ForgeUnknown, Pause, Target};
pub use task::{Task, TaskKey, TaskState};
pub use totals::Totals;

use crate::id::{AttemptId, LogId, TargetId, TaskId};
use crate::limits::Limits;
use crate::log::{Hash, Head};
use crate::safeguard::{self, Safeguard};
use attempts::Attempts;
use candidates::Candidates;
use fingerprints::Fingerprints;
use occupancy::Occupancy;
use recent::Recent;
use spending::Spending;
use std::collections::{BTreeMap, BTreeSet};
use turns::Turns;

/// Changes whenever `evolve` makes something else of the same log, so that snapshots and digests of two programs are
/// compared only where they can be equal.
pub const PROJECTION_VERSION: u32 = 3;

/// The typed state of everything in one log.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    head: Head,
    log_id: Option<LogId>,
    leader: Option<Leader>,
    limits: Limits,
    targets: BTreeMap<TargetId, Target>,
    tasks: BTreeMap<TargetId, BTreeMap<TaskId, Task>>,
    attempts: Attempts,
    // In boxes: a node of the tree has room for eleven, of which up to six are empty.
    artifacts: BTreeMap<(AttemptId, Hash), Box<Artifact>>,
    pull_requests: BTreeMap<(TargetId, u64), Box<PullRequest>>,
    /// The policies by which work was judged, by their text's digest.
    policies: BTreeSet<Hash>,
    open: BTreeSet<AttemptId>,
    /// The same by target.
    running: BTreeMap<TargetId, BTreeSet<AttemptId>>,
    spending: Spending,
    open_pull_requests: BTreeSet<(TargetId, u64)>,
    occupancy: Occupancy,
    candidates: Candidates,
    turns: Turns,
    totals: Totals,
    recent: Recent,
    fingerprints: Fingerprints,
    unreadable: u64,
}

impl Graph {
    /// The graph of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// The head of the log up to which this is the projection.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The log's name, once `log.created` was seen.
    pub fn log_id(&self) -> Option<LogId> {
        self.log_id
    }

    /// The scheduler that leads, once one was elected.
    pub fn leader(&self) -> Option<&Leader> {
        self.leader.as_ref()
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A target.
    pub fn target(&self, id: &TargetId) -> Option<&Target> {
        self.targets.get(id)
    }

    /// All targets, by id.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.targets.values()
    }

    /// A task.
    pub fn task(&self, key: &TaskKey) -> Option<&Task> {
        self.tasks.get(&key.target_id)?.get(&key.task_id)
    }

    /// The tasks of a target, by id.
    pub fn tasks(&self, target: &TargetId) -> impl Iterator<Item = &Task> + use<'_> {
        self.tasks.get(target).into_iter().flat_map(BTreeMap::values)
    }

    /// An attempt.
    pub fn attempt(&self, id: &AttemptId) -> Option<&Attempt> {
        self.attempts.get(id)
    }

    /// The attempts of our executors that have not ended, by id.
    pub fn open_attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.open.iter().filter_map(|id| self.attempt(id))
    }

    /// How many attempts of our executors have not ended.
    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The artifacts of an attempt, by digest.
    pub fn artifacts(&self, attempt: &AttemptId) -> impl Iterator<Item = &Artifact> + use<'_> {
        let range = (attempt.clone(), Hash::ZERO)..=(attempt.clone(), Hash::from_bytes([0xff; 32]));
        self.artifacts.range(range).map(|(_, artifact)| artifact.as_ref())
    }

    /// A pull request of a target's repository.
    pub fn pull_request(&self, target: &TargetId, number: u64) -> Option<&PullRequest> {
        self.pull_requests.get(&(target.clone(), number)).map(Box::as_ref)
    }

    /// The open pull requests of a target, by number.
    pub fn open_pull_requests(&self, target: &TargetId) -> impl Iterator<Item = &PullRequest> + use<'_> {
        let range = (target.clone(), 0)..=(target.clone(), u64::MAX);
        self.open_pull_requests.range(range).filter_map(|key| self.pull_requests.get(key).map(Box::as_ref))
    }

    /// How many other tasks of its target have an open attempt of ours or an open pull request, each counted once. An
    /// open pull request of which nobody knows the task counts as one.
    pub fn occupied_by_others(&self, key: &TaskKey) -> usize {
        self.occupancy.by_others(key)
    }

    /// How many things and relations there are, by type.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The newest events, newest first.
    pub fn recent_events(&self) -> impl Iterator<Item = &RecentEvent> {
        self.recent.iter()
    }

    /// Whether an event of this id and content is in the log.
    pub fn has_seen(&self, fingerprint: &[u8; 16]) -> bool {
        safeguard::is_on(Safeguard::Fingerprint) && self.fingerprints.contains(fingerprint)
    }

    /// How many events of the log could not be read, although their type is known. They are in the log, not in the graph.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn task_mut(&mut self, key: &TaskKey) -> Option<&mut Task> {
        self.tasks.get_mut(&key.target_id)?.get_mut(&key.task_id)
    }
}
