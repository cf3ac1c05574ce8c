//! `IngestReceipt`: the answer to a bundle.

use leviathan_core::log::{Hash, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IngestReceipt {
    /// `ok`, for clients that look for it.
    #[schema(example = "ok")]
    pub status: String,
    /// The bundle's name, as it was sent.
    pub bundle_id: String,
    /// How many of its events were recorded.
    pub ingested: usize,
    /// How many of its events are in the log already.
    pub duplicates: usize,
    /// The last position of the log behind the bundle's events.
    #[schema(value_type = u64)]
    pub position: Position,
    /// The hash there.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub head: Hash,
}
