//! `PullRequest`: work that waits to be merged, as the worker claims and the forge says.

use super::TaskKey;
use crate::Timestamp;
use crate::id::{AttemptId, TargetId};
use serde::{Deserialize, Serialize};

/// A pull request of a target's repository.
///
/// A worker's word makes it known, and counts as open at once. Only what the forge says closes, merges or reopens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// The target in whose repository it is.
    pub target_id: TargetId,
    /// Its number in that repository.
    pub number: u64,
    /// Whether it still waits.
    pub state: PullRequestState,
    /// The attempt that was the first to name it.
    pub attempt: Option<AttemptId>,
    /// The task that it is for, once that is known.
    pub task: Option<TaskKey>,
    /// Its page.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The branch that it would merge.
    pub branch: Option<String>,
    /// That branch's tip.
    pub commit: Option<String>,
    /// When it became known.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whether a pull request still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestState {
    /// It waits.
    Open,
    /// Its work is in the default branch.
    Merged,
    /// It was turned down.
    Closed,
}

impl PullRequestState {
    /// The state's name in events and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Merged => "merged",
            Self::Closed => "closed",
        }
    }
}
