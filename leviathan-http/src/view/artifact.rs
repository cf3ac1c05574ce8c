//! `ArtifactView`: what an attempt left behind, as the API shows it.

use leviathan_core::Timestamp;
use leviathan_core::graph::Artifact;
use leviathan_core::log::Hash;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bytes that an attempt says it left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactView {
    /// Its producer's name for it, or else its digest.
    pub artifact_id: String,
    /// SHA-256 of its bytes: what to ask `/v1/artifacts/{sha256}` for.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub sha256: Hash,
    /// What it is: `log`, `test_output`, `diff`, `model_output`, `patch` and more.
    pub artifact_type: String,
    /// How many bytes its producer says it has.
    pub size_bytes: u64,
    /// A file name for people.
    pub name: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
    /// Where its producer says it is kept.
    pub storage_path: Option<String>,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Artifact> for ArtifactView {
    fn from(artifact: &Artifact) -> Self {
        let fields = &artifact.fields;
        Self {
            artifact_id: fields.artifact_id.clone().unwrap_or_else(|| fields.sha256.to_string()),
            sha256: fields.sha256,
            artifact_type: fields.artifact_type.clone(),
            size_bytes: fields.size_bytes,
            name: fields.name.clone(),
            media_type: fields.media_type.clone(),
            storage_path: fields.storage_path.clone(),
            created_at: artifact.created_at,
        }
    }
}
