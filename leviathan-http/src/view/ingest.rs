//! `IngestReceipt`: the answer to a bundle.

use leviathan_core::log::{Hash, Position};
use serde::{Deserialize, Serialize};

/// What became of a bundle. Written with `"status":"ok"`, for clients that look for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename = "ok")]
pub struct IngestReceipt {
    /// The bundle's name, as it was sent.
    pub bundle_id: String,
    /// How many of its events were recorded.
    pub ingested: usize,
    /// How many of its events are in the log already.
    pub duplicates: usize,
    /// The last position of the log behind the bundle's events.
    pub position: Position,
    /// The hash there.
    pub head: Hash,
}
