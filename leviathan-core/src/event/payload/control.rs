//! Payloads of what steers the control plane itself.

use crate::id::{AttemptId, LogId, TargetId, TaskId};
use crate::limits::Limits;
use crate::{Timestamp, time};
use serde::{Deserialize, Serialize};

/// `log.created`, always at position 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCreated {
    /// The log's random name.
    pub log_id: LogId,
    /// A name for people.
    #[serde(default)]
    pub name: String,
    /// The version of the log's format.
    #[serde(default)]
    pub format: u32,
}

/// `limits.changed`: the whole of the limits after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitsChanged {
    /// The limits from here on.
    #[serde(flatten)]
    pub limits: Limits,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// `scheduler.elected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerElected {
    /// Rises with each election.
    pub term: u64,
    /// Who leads.
    pub holder: String,
    /// When it ends unless it is renewed.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// `retry.scheduled`: when a task may be tried again. The scheduler only reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryScheduled {
    /// The task.
    pub task_id: TaskId,
    /// Its target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// The attempt whose failure this follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_id: Option<AttemptId>,
    /// 1 for the first retry.
    #[serde(default)]
    pub retry_number: u32,
    /// How long the wait is, in seconds.
    #[serde(default)]
    pub backoff_seconds: f64,
    /// When it is due.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
}
