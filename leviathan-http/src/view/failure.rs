//! `FailureView`: an attempt that failed, in short, and the page of a list of them.

use leviathan_core::Timestamp;
use leviathan_core::executor::Cause;
use leviathan_core::graph::{Attempt, Outcome};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/failures`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailurePage {
    /// The failures, the last first.
    pub failures: Vec<FailureView>,
    /// How many there are on this page.
    pub count: usize,
    /// What to ask `cursor` for the next page; nothing on the last.
    pub next_cursor: Option<String>,
}

/// An attempt that failed, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureView {
    /// The attempt.
    #[schema(value_type = String)]
    pub attempt_id: AttemptId,
    /// The task that it tried; unknown until its `attempt.created` is seen.
    #[schema(value_type = Option<String>)]
    pub task_id: Option<TaskId>,
    /// The task's target.
    #[schema(value_type = Option<String>)]
    pub target: Option<TargetId>,
    /// Why it failed, for instance `checks_failed`.
    #[schema(value_type = Option<String>)]
    pub failure_type: Option<Cause>,
    /// The same in a sentence, as whoever saw it says.
    pub error: Option<String>,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
}

impl From<&Attempt> for FailureView {
    fn from(attempt: &Attempt) -> Self {
        let failure_type = match attempt.outcome() {
            Some(Outcome::Failed(cause)) => Some(cause.clone()),
            _ => None,
        };
        Self {
            attempt_id: attempt.attempt_id.clone(),
            task_id: attempt.task.as_ref().map(|task| task.task_id.clone()),
            target: attempt.target().cloned(),
            failure_type,
            error: attempt.reported.as_ref().and_then(|report| report.summary.clone()),
            timestamp: attempt.completed_at.unwrap_or(attempt.updated_at),
        }
    }
}
