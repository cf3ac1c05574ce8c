//! `ApiState`: what the API stands before.

use super::bundle_room::BundleRoom;
use super::digest::DigestRoom;
use super::events::Streams;
use super::places::Places;
use super::webhook::{OnForgeNews, Webhooks};
use super::{Metrics, Tokens};
use crate::checkpoint::CheckpointKey;
use axum::extract::FromRef;
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::{Ledger, Secret};
use std::sync::Arc;
use std::time::Duration;

/// The largest artifact, unless the host says otherwise (1 GiB).
const MAX_ARTIFACT_BYTES: u64 = 1024 * 1024 * 1024;

/// How many requests of one kind are answered at once, unless the host says otherwise.
const MAX_REQUESTS: usize = 512;

/// What the API stands before: the door to the log, the artifacts, and who may ask. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    pub(super) ledger: Ledger,
    pub(super) artifacts: Arc<dyn ArtifactStore>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) max_artifact_bytes: u64,
    pub(super) bundle_room: BundleRoom,
    pub(super) digests: DigestRoom,
    pub(super) streams: Streams,
    pub(super) checkpoint_key: Option<CheckpointKey>,
    pub(super) webhooks: Option<Webhooks>,
    pub(super) metrics: Metrics,
    pub(super) requests: usize,
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
            digests: DigestRoom::default(),
            streams: Streams::default(),
            checkpoint_key: None,
            webhooks: None,
            metrics: Metrics::new(),
            requests: MAX_REQUESTS,
        }
    }

    /// Takes artifacts of at most `bytes` bytes, instead of 1 GiB.
    #[must_use]
    pub fn with_max_artifact_bytes(self, bytes: u64) -> Self {
        Self { max_artifact_bytes: bytes, ..self }
    }

    /// Counts with these figures, which the ledger's store may count with too.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Answers at most so many requests of one kind at once, instead of 512: of reports, of uploads, of questions and orders.
    /// One more is refused as an overload.
    #[must_use]
    pub fn with_max_requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }

    /// Places for the requests of one kind.
    pub(super) fn places(&self) -> Places {
        Places::new(self.requests)
    }

    /// Signs the log's head for whoever asks for a checkpoint.
    #[must_use]
    pub fn with_checkpoint_key(self, key: CheckpointKey) -> Self {
        Self { checkpoint_key: Some(key), ..self }
    }

    /// Takes webhooks of GitHub that are signed by `secret`, and tells `news` of which targets' pull requests they speak: it
    /// is to have the forge asked at once, see `ForgePoller` of `leviathan-worker`. It must be quick.
    #[must_use]
    pub fn with_github_webhooks(self, secret: Secret, news: OnForgeNews) -> Self {
        Self { webhooks: Some(Webhooks::new(secret, news)), ..self }
    }

    /// Ends a stream whose client did not take what it was sent for so long, instead of 30 s.
    #[must_use]
    pub fn with_stream_patience(mut self, patience: Duration) -> Self {
        self.streams.patience = patience;
        self
    }
}

impl FromRef<ApiState> for Ledger {
    fn from_ref(state: &ApiState) -> Self {
        state.ledger.clone()
    }
}
