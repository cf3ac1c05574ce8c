//! `GraphDigest`: one hash of a whole graph.

use leviathan_core::log::{Hash, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/graph/digest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphDigest {
    /// The graph's digest. Two are compared only where `position` and `projection_version` are the same.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub digest: Hash,
    /// The last position of the log that it stands for.
    #[schema(value_type = u64)]
    pub position: Position,
    /// The hash there.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub head: Hash,
    /// Which version of the projection made it.
    pub projection_version: u32,
}
