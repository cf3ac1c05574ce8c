//! The report over HTTP.

use super::{NotDelivered, Reporter};
use async_trait::async_trait;
use bytes::Bytes;
use leviathan_core::Bundle;
use leviathan_core::artifact::ArtifactRef;
use leviathan_http::client::ControlPlane;
use std::time::Instant;

#[async_trait]
impl Reporter for ControlPlane {
    async fn put_artifact(
        &self,
        _about: &ArtifactRef,
        bytes: Bytes,
        deadline: Instant,
    ) -> Result<(), NotDelivered> {
        let stored = ControlPlane::put_artifact(self, bytes, deadline).await;
        stored.map(drop).map_err(|error| NotDelivered(error.to_string()))
    }

    async fn post_bundle(&self, bundle: &Bundle, deadline: Instant) -> Result<(), NotDelivered> {
        let receipt = self.ingest(bundle, deadline).await;
        receipt.map(drop).map_err(|error| NotDelivered(error.to_string()))
    }
}
