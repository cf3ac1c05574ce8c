//! `TaskView`: a task as the API shows it, and the page of a list of them.

use super::TaskStatus;
use leviathan_core::Timestamp;
use leviathan_core::backlog::Priority;
use leviathan_core::graph::{Graph, Task, TaskState};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::schedule::admit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskPage {
    /// The tasks, by target and id.
    pub tasks: Vec<TaskView>,
    /// How many there are on this page.
    pub count: usize,
    /// What to ask `cursor` for the next page; nothing on the last.
    pub next_cursor: Option<String>,
}

/// One item of a target's backlog, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    /// Its id, which is unique within its target.
    #[schema(value_type = String)]
    pub task_id: TaskId,
    /// Its target.
    #[schema(value_type = String)]
    pub target: TargetId,
    /// One line for people.
    pub title: String,
    /// What is to be done.
    pub description: String,
    /// A word that the target's policy knows.
    pub scope: String,
    /// `high`, `medium` or `low`.
    #[schema(value_type = String)]
    pub priority: Priority,
    /// How far it is.
    pub status: TaskStatus,
    /// Why it failed or is blocked, if it did or is.
    pub reason: Option<String>,
    /// Why it is not started now, and what would let it; nothing if it may start. One that runs, waits to be merged or is
    /// done says so.
    pub blocked: Option<String>,
    /// Whether the backlog says that it may be started at all.
    pub ready: bool,
    /// Whether it vanished from the backlog.
    pub removed: bool,
    /// Tasks of the same target that must be completed first.
    #[schema(value_type = Vec<String>)]
    pub dependencies: Vec<TaskId>,
    /// Words for people.
    pub labels: Vec<String>,
    /// How many attempts of it there are.
    pub attempts: usize,
    /// The last of them.
    #[schema(value_type = Option<String>)]
    pub last_attempt: Option<AttemptId>,
    /// How many failed attempts used a try since an operator last had it retried.
    pub tries_used: u32,
    /// Not to be tried again before this.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_due: Option<Timestamp>,
    /// When it appeared.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl TaskView {
    /// A task of a graph as it stands at `now`.
    pub fn of(graph: &Graph, task: &Task, now: Timestamp) -> Self {
        let fields = &task.fields;
        let reason = match &task.state {
            TaskState::Failed(reason) | TaskState::Blocked(reason) => Some(reason.clone()),
            _ => None,
        };
        Self {
            task_id: task.key.task_id.clone(),
            target: task.key.target_id.clone(),
            title: fields.title.clone(),
            description: fields.description.clone(),
            scope: fields.scope.clone(),
            priority: fields.priority,
            status: TaskStatus::of(task),
            reason: reason.filter(|_| !task.is_completed()),
            blocked: admit(graph, &task.key, now).err().map(|blocked| blocked.to_string()),
            ready: fields.ready,
            removed: task.removed,
            dependencies: fields.dependencies.clone(),
            labels: fields.labels.clone(),
            attempts: task.attempts.len(),
            last_attempt: task.attempts.last().cloned(),
            tries_used: task.tries_used,
            retry_due: task.retry_due,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}
