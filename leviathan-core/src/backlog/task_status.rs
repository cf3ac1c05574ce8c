//! `TaskStatus`: what a backlog says of a task.

use serde::{Deserialize, Serialize};

/// What the backlog file says of a task. How far Leviathan has come with it is the graph's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// To be done.
    #[default]
    Pending,
    /// Somebody has a pull request open for it.
    PrOpened,
    /// Its pull request waits to be merged.
    ReadyToMerge,
    /// It waits for a person.
    Blocked,
    /// It is done.
    Completed,
}

impl TaskStatus {
    /// The word that the backlog has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::PrOpened => "pr_opened",
            Self::ReadyToMerge => "ready_to_merge",
            Self::Blocked => "blocked",
            Self::Completed => "completed",
        }
    }
}
