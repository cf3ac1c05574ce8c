//! `Limits`: how much at once, and how often, over the whole log.

mod breaker;
mod budget;
mod outside_prefixes;
mod spend;
mod target_limits;

pub use breaker::Breaker;
pub use budget::{Budget, Shortfall, Unit};
pub use outside_prefixes::OutsidePrefixes;
pub use spend::Spend;
pub use target_limits::TargetLimits;

use crate::schedule::RetryPolicy;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Limits that hold for the whole log. They change by an event, so that every replica enforces and explains the same.
///
/// What is left out is not limited. [`TargetLimits`] of a target come on top, or go before where they say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How many attempts may be open at once, over all targets.
    pub max_running: NonZeroU32,
    /// How many attempts of one target may be open at once; a target's own number goes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_running_per_target: Option<NonZeroU32>,
    /// How often a task is tried, and how far apart.
    pub retry: RetryPolicy,
    /// When a target that only fails is left alone; a target's own breaker goes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// What all attempts together may use in one day.
    #[serde(skip_serializing_if = "Budget::is_unlimited")]
    pub budget: Budget,
    /// What one attempt may use. It is booked when the attempt is opened, and settled by its worker's report.
    #[serde(skip_serializing_if = "Spend::is_nothing")]
    pub reservation: Spend,
}

impl Default for Limits {
    /// Two attempts at once, the default retry policy, and no other limit.
    fn default() -> Self {
        Self {
            max_running: NonZeroU32::MIN.saturating_add(1),
            max_running_per_target: None,
            retry: RetryPolicy::default(),
            breaker: None,
            budget: Budget::default(),
            reservation: Spend::default(),
        }
    }
}
