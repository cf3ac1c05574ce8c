//! What the executor writes into an attempt's directory.

use leviathan_core::executor::AttemptSpec;
use leviathan_core::log::{Hash, Head};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;
use std::time::Duration;

/// `spec.json`: what to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaunchRecord {
    pub(crate) spec: AttemptSpec,
    /// A launch of the same attempt with another hash is a conflict.
    pub(crate) spec_hash: Hash,
    /// Where its `attempt.created` stands.
    pub(crate) created: Head,
    /// The spec's, else the executor's default.
    pub(crate) deadline_seconds: NonZeroU64,
}

/// `cancel.json`: that the attempt shall stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CancelRecord {
    /// Between SIGTERM and SIGKILL.
    pub(crate) grace_ms: u64,
}

impl CancelRecord {
    pub(crate) fn new(grace: Duration) -> Self {
        Self { grace_ms: u64::try_from(grace.as_millis()).unwrap_or(u64::MAX) }
    }

    pub(crate) fn grace(&self) -> Duration {
        Duration::from_millis(self.grace_ms)
    }
}
