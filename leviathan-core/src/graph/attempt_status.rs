//! `AttemptStatus`: how far an attempt is, in one word.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How far an attempt is, in one word, without what it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    /// Decided, not yet launched.
    Created,
    /// Taken by its executor.
    Submitted,
    /// Its worker runs.
    Running,
    /// The work is done and pushed.
    Succeeded,
    /// It is not.
    Failed,
    /// It was told to stop, and did.
    Cancelled,
    /// An operator took it back.
    Invalidated,
}

/// A word that is no attempt's status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no status of an attempt, expected one of {}", AttemptStatus::ALL.map(AttemptStatus::name).join(", "))]
pub struct NoAttemptStatus {
    found: String,
}

impl AttemptStatus {
    /// All of them, in the order in which an attempt may come to them.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Submitted,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Invalidated,
    ];

    /// The status as the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Submitted => "submitted",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Invalidated => "invalidated",
        }
    }
}

impl fmt::Display for AttemptStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for AttemptStatus {
    type Err = NoAttemptStatus;

    fn from_str(text: &str) -> Result<Self, NoAttemptStatus> {
        let found = Self::ALL.into_iter().find(|status| status.name() == text);
        found.ok_or_else(|| NoAttemptStatus { found: text.to_owned() })
    }
}
