//! `Origin`: who vouches for an event.

use serde::{Deserialize, Serialize};

/// Whether the control plane saw it or a worker says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Seen by the control plane, an executor, the forge, or ordered by an operator.
    Observed,
    /// Said by a worker, which runs code that nobody reviewed.
    Claimed,
}
