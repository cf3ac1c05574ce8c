//! `Reporter`: the seam to whoever takes the report.

mod http;

use async_trait::async_trait;
use bytes::Bytes;
use leviathan_core::Bundle;
use leviathan_core::artifact::ArtifactRef;
use std::{fmt, time::Instant};

/// Why something was not delivered, in a sentence that holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotDelivered(pub String);

/// Carries what a worker has to tell to its control plane. Telling the same thing again is harmless, so both calls try
/// again, until `deadline`, whatever may work later.
#[async_trait]
pub trait Reporter: fmt::Debug + Send + Sync {
    /// Stores an artifact's bytes, durably, under their digest.
    ///
    /// # Errors
    /// [`NotDelivered`] if they were refused, or not taken before `deadline`.
    async fn put_artifact(
        &self,
        about: &ArtifactRef,
        bytes: Bytes,
        deadline: Instant,
    ) -> Result<(), NotDelivered>;

    /// Records a bundle, whole or not at all.
    ///
    /// # Errors
    /// [`NotDelivered`] if it was refused, or not taken before `deadline`.
    async fn post_bundle(&self, bundle: &Bundle, deadline: Instant) -> Result<(), NotDelivered>;
}
