//! `ApiState`: what the API stands before.

use super::Tokens;
use super::bundle_room::BundleRoom;
use axum::extract::FromRef;
use leviathan_core::Ledger;
use leviathan_core::artifact::ArtifactStore;
use std::sync::Arc;

/// The largest artifact, unless the host says otherwise (1 GiB).
const MAX_ARTIFACT_BYTES: u64 = 1024 * 1024 * 1024;

/// What the API stands before: the door to the log, the artifacts, and who may ask. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    pub(super) ledger: Ledger,
    pub(super) artifacts: Arc<dyn ArtifactStore>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) max_artifact_bytes: u64,
    pub(super) bundle_room: BundleRoom,
}

impl ApiState {
    /// Puts a ledger and an artifact store behind the API.
    pub fn new(ledger: Ledger, artifacts: Arc<dyn ArtifactStore>, tokens: Tokens) -> Self {
        Self {
            ledger,
            artifacts,
            tokens: Arc::new(tokens),
            max_artifact_bytes: MAX_ARTIFACT_BYTES,
            bundle_room: BundleRoom::default(),
        }
    }

    /// Takes artifacts of at most `bytes` bytes, instead of 1 GiB.
    #[must_use]
    pub fn with_max_artifact_bytes(self, bytes: u64) -> Self {
        Self { max_artifact_bytes: bytes, ..self }
    }
}

impl FromRef<ApiState> for Ledger {
    fn from_ref(state: &ApiState) -> Self {
        state.ledger.clone()
    }
}
