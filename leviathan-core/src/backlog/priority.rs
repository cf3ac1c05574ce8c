//! `Priority`: what goes first.

use serde::{Deserialize, Serialize};

/// How urgent a task is. Orders from high to low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others.
    High,
    /// The usual.
    #[default]
    Medium,
    /// When nothing else is left.
    Low,
}
