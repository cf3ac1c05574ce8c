//! Targets as the control plane is configured with them.

use crate::ForgeConfig;
use crate::id::TargetId;
use crate::limits::TargetLimits;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A repository that Leviathan works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetConfig {
    /// Its id, also its name for people unless another is given.
    pub target_id: TargetId,
    /// Where the repository is: a URL or a path.
    pub repo_url: String,
    /// The branch that work starts from.
    pub default_branch: String,
    /// When a task counts as completed.
    pub complete_on: CompleteOn,
    /// Its own limits.
    #[serde(default)]
    pub limits: TargetLimits,
    /// Who keeps its pull requests. Nothing of it is started until that forge has answered for the first time.
    #[serde(default)]
    pub forge: ForgeConfig,
}

/// When a task counts as completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CompleteOn {
    /// As soon as its branch is pushed. Work of later tasks starts from the default branch and does not contain it.
    #[default]
    Pushed,
    /// When its pull request is merged, or when the backlog on the default branch says `status: completed`. Later tasks
    /// that depend on it start from a default branch that holds its work.
    Merged,
}

/// What the scheduler needs of a repository's policy and backlog files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TargetPolicy {
    /// How many attempts that use a try a task may have; else the retry policy's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Seconds before the first retry, doubled for each further one; else the retry policy's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_seconds: Option<u64>,
    /// Seconds that one attempt may take; else the executor's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u64>,
    /// How many of its tasks may have an open pull request or an open attempt at once, as the backlog file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_open_prs: Option<NonZeroU32>,
}
