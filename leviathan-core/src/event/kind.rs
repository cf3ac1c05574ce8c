//! `EventType`: the kinds of facts. Every kind string of a typed event stands in this file and nowhere else.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What kind of fact an event is, for instance `attempt.created`. Types that Leviathan does not know are custom facts:
/// recorded, never projected.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventType(Arc<str>);

impl EventType {
    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EventType {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for EventType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl std::fmt::Debug for EventType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

pub(super) const LOG_CREATED: &str = "log.created";
pub(super) const LIMITS_CHANGED: &str = "limits.changed";
pub(super) const SCHEDULER_ELECTED: &str = "scheduler.elected";
pub(super) const TARGET_REGISTERED: &str = "target.registered";
pub(super) const TARGET_UPDATED: &str = "target.updated";
pub(super) const TARGET_PAUSED: &str = "target.paused";
pub(super) const TARGET_RESUMED: &str = "target.resumed";
pub(super) const TARGET_FORGE_UNKNOWN: &str = "target.forge_unknown";
pub(super) const TARGET_FORGE_KNOWN: &str = "target.forge_known";
pub(super) const TASK_CREATED: &str = "task.created";
pub(super) const TASK_UPDATED: &str = "task.updated";
pub(super) const TASK_REMOVED: &str = "task.removed";
pub(super) const TASK_COMPLETED: &str = "task.completed";
pub(super) const TASK_BLOCKED: &str = "task.blocked";
pub(super) const TASK_RETRIED: &str = "task.retried";
pub(super) const ATTEMPT_CREATED: &str = "attempt.created";
pub(super) const ATTEMPT_STARTED: &str = "attempt.started";
pub(super) const ATTEMPT_SUCCEEDED: &str = "attempt.succeeded";
pub(super) const ATTEMPT_FAILED: &str = "attempt.failed";
pub(super) const ATTEMPT_CANCEL_REQUESTED: &str = "attempt.cancel_requested";
pub(super) const ATTEMPT_CANCELLED: &str = "attempt.cancelled";
pub(super) const ATTEMPT_INVALIDATED: &str = "attempt.invalidated";
pub(super) const JOB_SUBMITTED: &str = "job.submitted";
pub(super) const JOB_STARTED: &str = "job.started";
pub(super) const JOB_COMPLETED: &str = "job.completed";
pub(super) const JOB_FAILED: &str = "job.failed";
pub(super) const RETRY_SCHEDULED: &str = "retry.scheduled";
pub(super) const ARTIFACT_CREATED: &str = "artifact.created";
pub(super) const TESTS_STARTED: &str = "tests.started";
pub(super) const TESTS_PASSED: &str = "tests.passed";
pub(super) const TESTS_FAILED: &str = "tests.failed";
pub(super) const PR_CREATED: &str = "pr.created";
pub(super) const PR_MERGED: &str = "pr.merged";
pub(super) const PR_CLOSED: &str = "pr.closed";
pub(super) const MODEL_CALL_STARTED: &str = "model.call_started";
pub(super) const MODEL_CALL_COMPLETED: &str = "model.call_completed";
pub(super) const POLICY_RECEIPT: &str = "policy.receipt";
