//! `Artifact`: bytes that an attempt left behind.

use crate::Timestamp;
use crate::event::payload::ArtifactCreated;
use serde::{Deserialize, Serialize};

/// Bytes that an attempt left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// What was said of it first.
    pub fields: ArtifactCreated,
    /// When that was recorded.
    pub created_at: Timestamp,
}
