//! `AttemptSpec`: all that an executor must know to run an attempt, as recorded before it is launched.

use crate::ForgeConfig;
use crate::id::{AttemptId, TargetId, TaskId};
use crate::log::Hash;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;

/// What to run. It is recorded whole in `attempt.created`, so a restarted host launches exactly what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptSpec {
    /// The attempt, and the idempotency key of everything done for it.
    pub attempt_id: AttemptId,
    /// 1 for a task's first attempt.
    pub attempt_number: u32,
    /// The target's name.
    pub target_id: TargetId,
    /// The task within the target's backlog.
    pub task_id: TaskId,
    /// Where the repository is: a URL or a path.
    pub repo_url: String,
    /// The branch that work starts from.
    pub default_branch: String,
    /// The commit of that branch that work starts from; backlog and policy are read from it.
    pub base_commit: String,
    /// Seconds for the whole attempt; else the executor's default, if it has one. The executor keeps it: what goes on
    /// beyond it is killed and ends as `deadline_exceeded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<NonZeroU64>,
    /// Who keeps the target's pull requests.
    #[serde(default, skip_serializing_if = "ForgeConfig::is_none")]
    pub forge: ForgeConfig,
}

impl AttemptSpec {
    /// SHA-256 over the spec's JSON. Two launches of one attempt with different hashes are a conflict.
    pub fn hash(&self) -> Hash {
        // Text and integers: serde_json refuses none of these.
        Hash::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}
