//! `ArtifactRef`: names bytes in an artifact store, and what they are.

use crate::log::Hash;
use serde::{Deserialize, Serialize};

/// Bytes that somebody put into an artifact store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRef {
    /// SHA-256 of the bytes, which is their name in the store.
    pub sha256: Hash,
    /// What they are: `log`, `test_output`, `diff`, `model_output`, `patch` and more.
    #[serde(rename = "artifact_type")]
    pub kind: String,
    /// How many bytes there are.
    pub size_bytes: u64,
    /// Their media type, for instance `text/plain`.
    pub media_type: String,
    /// A file name for people.
    pub name: String,
}
