//! Payloads of `attempt.*`.

use crate::executor::{AttemptSpec, Cause};
use crate::id::{AttemptId, ExecutorName, TargetId, TaskId};
use crate::limits::Spend;
use crate::{Timestamp, time};
use serde::{Deserialize, Serialize};

/// `attempt.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptCreated {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The task that it tries.
    pub task_id: TaskId,
    /// The task's target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// 1 for the first try.
    #[serde(default)]
    pub attempt_number: u32,
    /// `created`.
    #[serde(default)]
    pub status: String,
    /// The executor that runs it. An attempt without one is run by somebody else and ends by its own report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<ExecutorName>,
    /// What is launched, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<AttemptSpec>,
    /// What it may use, booked to the day on which this was recorded. Nothing where nothing is reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Spend>,
}

/// `attempt.started`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptStarted {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// `running`.
    #[serde(default)]
    pub status: String,
    /// When the worker began.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
}

/// `attempt.succeeded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptSucceeded {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// `succeeded`.
    #[serde(default)]
    pub status: String,
    /// When it ended.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The branch that was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    /// Its tip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// The pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_url: Option<String>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_number: Option<u64>,
    /// What was done, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// True where the executor lost sight of the attempt, so that only its worker vouches for the success.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
}

/// `attempt.failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptFailed {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// `failed`.
    #[serde(default)]
    pub status: String,
    /// When it ended.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why, as a [`Cause`].
    #[serde(default = "Cause::unknown")]
    pub failure_type: Cause,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_summary: Option<String>,
    /// The worker's exit code, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// `attempt.cancel_requested`, `attempt.cancelled` and `attempt.invalidated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptReason {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// Why.
    #[serde(default)]
    pub reason: String,
}
