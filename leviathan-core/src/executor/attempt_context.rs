//! `AttemptContext`: what a running attempt may know and use besides its spec.

use super::in_process::Stop;
use crate::Clock;
use crate::artifact::{ArtifactError, ArtifactRef, ArtifactStore, artifact_stream};
use crate::log::Head;
use bytes::Bytes;
use std::sync::Arc;

/// The most bytes of a log that [`AttemptContext::store_log`] takes: 16 MiB.
pub const MAX_LOG_BYTES: u64 = 16 * 1024 * 1024;

/// Given to [`RunAttempt::run`](super::RunAttempt::run) beside the spec.
#[derive(Debug)]
pub struct AttemptContext {
    pub(super) created: Head,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) artifacts: Option<Arc<dyn ArtifactStore>>,
    pub(super) stop: Arc<Stop>,
}

impl AttemptContext {
    /// Where the attempt's `attempt.created` stands in the log, for the trailer of its commits.
    pub fn created(&self) -> Head {
        self.created
    }

    /// The executor's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whether the attempt was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.stop.by().is_some()
    }

    /// Resolves once the attempt is asked to stop, at once if it was. It borrows nothing, so it may wait in a task of its
    /// own.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let stop = Arc::clone(&self.stop);
        async move {
            stop.nearer_than(None).await;
        }
    }

    /// The artifact store, if the executor was given one.
    pub fn artifacts(&self) -> Option<&Arc<dyn ArtifactStore>> {
        self.artifacts.as_ref()
    }

    /// Keeps `text` as an artifact of the kind `log`, to be named in
    /// [`AttemptResult::artifacts`](super::AttemptResult::artifacts). `name` is a file name for people. Gives `None` if
    /// the executor has no artifact store.
    ///
    /// # Errors
    /// The store's own: `TooLarge` over [`MAX_LOG_BYTES`], `Unavailable` to be asked again.
    pub async fn store_log(
        &self,
        name: &str,
        text: impl Into<Bytes>,
    ) -> Result<Option<ArtifactRef>, ArtifactError> {
        let Some(artifacts) = &self.artifacts else { return Ok(None) };
        let stored = artifacts.put(artifact_stream(text), None, MAX_LOG_BYTES).await?;
        Ok(Some(ArtifactRef {
            sha256: stored.sha256,
            kind: "log".to_owned(),
            size_bytes: stored.size_bytes,
            media_type: "text/plain".to_owned(),
            name: name.to_owned(),
        }))
    }
}
