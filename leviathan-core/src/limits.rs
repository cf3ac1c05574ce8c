//! `Limits`: how much at once, and how often, over the whole log.

use crate::schedule::RetryPolicy;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Limits that hold for the whole log. They change by an event, so that every replica enforces and explains the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How many attempts may be open at once, over all targets.
    pub max_running: NonZeroU32,
    /// How often a task is tried, and how far apart.
    pub retry: RetryPolicy,
}

impl Default for Limits {
    /// Two attempts at once, and the default retry policy.
    fn default() -> Self {
        Self { max_running: NonZeroU32::MIN.saturating_add(1), retry: RetryPolicy::default() }
    }
}
