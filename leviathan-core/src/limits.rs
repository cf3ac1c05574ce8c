//! `Limits`: how much at once, over the whole log.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Limits that hold for the whole log. They change by an event, so that every replica enforces and explains the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How many attempts may be open at once, over all targets.
    #[serde(default = "Limits::default_max_running")]
    pub max_running: NonZeroU32,
}

impl Limits {
    fn default_max_running() -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(1)
    }
}

impl Default for Limits {
    /// Two attempts at once.
    fn default() -> Self {
        Self { max_running: Self::default_max_running() }
    }
}
