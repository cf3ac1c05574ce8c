//! `Task`: one item of a target's backlog, and how far Leviathan has come with it.

use crate::Timestamp;
use crate::backlog::TaskStatus;
use crate::event::payload::TaskFields;
use crate::id::{AttemptId, TargetId, TaskId};
use serde::{Deserialize, Serialize};

/// Names a task in the whole log: task ids are unique only within their target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskKey {
    /// The target.
    pub target_id: TargetId,
    /// The task.
    pub task_id: TaskId,
}

impl TaskKey {
    /// Names a task.
    pub fn new(target_id: TargetId, task_id: TaskId) -> Self {
        Self { target_id, task_id }
    }
}

impl std::fmt::Display for TaskKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.target_id, self.task_id)
    }
}

/// One item of a target's backlog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its name in the log.
    pub key: TaskKey,
    /// What the backlog says.
    pub fields: TaskFields,
    /// How far Leviathan has come with it.
    pub state: TaskState,
    /// Whether it vanished from the backlog.
    pub removed: bool,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptId>,
    /// How many failed attempts used a try since the last operator's retry.
    pub tries_used: u32,
    /// How many attempts in a row failed for reasons of the infrastructure.
    pub infrastructure_failures: u32,
    /// Not to be tried again before this.
    pub retry_due: Option<Timestamp>,
    /// When it appeared.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How far Leviathan has come with a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status", content = "because")]
#[non_exhaustive]
pub enum TaskState {
    /// To be done.
    Pending,
    /// An attempt is open.
    InProgress(AttemptId),
    /// The work of this attempt waits to be merged.
    AwaitingMerge(AttemptId),
    /// Done.
    Completed,
    /// Its tries are used up.
    Failed(String),
    /// It waits for an operator.
    Blocked(String),
}

impl Task {
    /// Whether this is the attempt that decides how the task goes on.
    pub(crate) fn is_in_hand_of(&self, attempt: &AttemptId) -> bool {
        matches!(&self.state, TaskState::InProgress(holder) if holder == attempt)
    }

    /// Whether a success of this attempt has it wait to be merged: unless it is done, or another attempt has it in hand.
    pub(crate) fn may_await_merge_of(&self, attempt: &AttemptId) -> bool {
        match &self.state {
            TaskState::InProgress(holder) | TaskState::AwaitingMerge(holder) => holder == attempt,
            TaskState::Completed => false,
            TaskState::Pending | TaskState::Failed(_) | TaskState::Blocked(_) => true,
        }
    }

    /// Moves it on, unless our work has completed it: that is for good.
    pub(super) fn move_to(&mut self, state: TaskState) {
        if self.state != TaskState::Completed {
            self.state = state;
        }
    }

    /// Whether it is done, by our own work or as the backlog says.
    pub fn is_completed(&self) -> bool {
        self.state == TaskState::Completed || self.fields.status == TaskStatus::Completed
    }
}
