//! Payloads of `task.*`.

use crate::backlog::{Priority, TaskStatus};
use crate::id::{TargetId, TaskId};
use serde::{Deserialize, Serialize};

/// `task.created` and `task.updated`: the task as the backlog has it, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFields {
    /// The task.
    pub task_id: TaskId,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// One line for people, and the commit's subject.
    #[serde(default)]
    pub title: String,
    /// What is to be done.
    #[serde(default)]
    pub description: String,
    /// A word that the policy knows, such as `docs` or `core`.
    #[serde(default)]
    pub scope: String,
    /// What goes first.
    #[serde(default)]
    pub priority: Priority,
    /// A guess of the work, such as `small`.
    #[serde(default)]
    pub estimated_size: String,
    /// Paths and globs that the task may touch.
    #[serde(default)]
    pub allowed_paths: Vec<String>,
    /// When it is done, in words.
    #[serde(default)]
    pub acceptance_criteria: Vec<String>,
    /// Tasks of the same target that must be completed first.
    #[serde(default)]
    pub dependencies: Vec<TaskId>,
    /// Words for people.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether it may be started at all.
    #[serde(default)]
    pub ready: bool,
    /// What the backlog says of it.
    #[serde(default)]
    pub status: TaskStatus,
    /// Its place in the backlog, from 0; of two tasks alike the earlier goes first.
    #[serde(default)]
    pub order: u32,
}

/// `task.completed`, `task.blocked`, `task.removed` and `task.retried`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskReason {
    /// The task.
    pub task_id: TaskId,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// With `task.completed`: `completed` or `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}
