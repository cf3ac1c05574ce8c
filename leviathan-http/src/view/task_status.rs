//! `TaskStatus`: how far a task is, in one word.

use leviathan_core::graph::{Task, TaskState};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// How far a task is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskStatus {
    /// To be done.
    Pending,
    /// An attempt is open.
    InProgress,
    /// Its work waits to be merged.
    AwaitingMerge,
    /// Done, by an attempt or as the backlog says.
    Completed,
    /// Its tries are used up.
    Failed,
    /// It waits for an operator.
    Blocked,
}

/// A word that is no task's status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no status of a task, expected one of {}", TaskStatus::ALL.map(TaskStatus::name).join(", "))]
pub struct NoTaskStatus {
    found: String,
}

impl TaskStatus {
    const ALL: [Self; 6] =
        [Self::Pending, Self::InProgress, Self::AwaitingMerge, Self::Completed, Self::Failed, Self::Blocked];

    /// How far a task is.
    pub fn of(task: &Task) -> Self {
        match &task.state {
            _ if task.is_completed() => Self::Completed,
            TaskState::InProgress(_) => Self::InProgress,
            TaskState::AwaitingMerge(_) => Self::AwaitingMerge,
            TaskState::Failed(_) => Self::Failed,
            TaskState::Blocked(_) => Self::Blocked,
            _ => Self::Pending,
        }
    }

    /// The status as the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::AwaitingMerge => "awaiting_merge",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TaskStatus {
    type Err = NoTaskStatus;

    fn from_str(text: &str) -> Result<Self, NoTaskStatus> {
        let found = Self::ALL.into_iter().find(|status| status.name() == text);
        found.ok_or_else(|| NoTaskStatus { found: text.to_owned() })
    }
}
