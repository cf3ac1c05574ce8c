//! Payloads of `job.*`.

use crate::executor::Cause;
use crate::id::{AttemptId, ExecutorName};
use serde::{Deserialize, Serialize};

/// `job.submitted`, `job.started`, `job.completed` and `job.failed`: what an executor saw of the thing that runs an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFields {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The executor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<ExecutorName>,
    /// In Kubernetes: the namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What the backend calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// What tells it from an earlier one of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// With `job.completed` and `job.failed`: the exit code, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// With `job.failed`: what the executor knows of why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// A sentence for a person, such as what to look at, or why a log is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
