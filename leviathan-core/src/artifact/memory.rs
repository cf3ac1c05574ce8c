//! `MemoryArtifactStore`: artifacts in a map, for tests and experiments.

use super::{
    ArtifactError, ArtifactErrorKind, ArtifactStore, ArtifactStream, StoredArtifact, artifact_bytes,
    artifact_stream,
};
use crate::log::Hash;
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Keeps artifacts for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryArtifactStore {
    kept: Mutex<BTreeMap<Hash, Bytes>>,
}

impl MemoryArtifactStore {
    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<Hash, Bytes>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ArtifactStore for MemoryArtifactStore {
    async fn put(
        &self,
        content: ArtifactStream,
        expected: Option<Hash>,
        limit: u64,
    ) -> Result<StoredArtifact, ArtifactError> {
        let interrupted = |error| {
            ArtifactError::new(ArtifactErrorKind::Interrupted, "the artifact's source failed")
                .with_source(error)
        };
        let content = content.map_err(interrupted).boxed();
        let bytes = artifact_bytes(content, limit).await?;
        let stored = StoredArtifact { sha256: Hash::of(&bytes), size_bytes: bytes.len() as u64 };
        if let Some(expected) = expected.filter(|expected| *expected != stored.sha256) {
            return Err(ArtifactError::new(
                ArtifactErrorKind::Mismatch,
                format!("the bytes sent as {expected} hash to {}", stored.sha256),
            ));
        }
        self.kept().insert(stored.sha256, bytes);
        Ok(stored)
    }

    async fn get(&self, sha256: &Hash, range: Option<Range<u64>>) -> Result<ArtifactStream, ArtifactError> {
        let missing = || ArtifactError::new(ArtifactErrorKind::NotFound, format!("no artifact {sha256}"));
        let bytes = self.kept().get(sha256).cloned().ok_or_else(missing)?;
        let Some(range) = range else { return Ok(artifact_stream(bytes)) };
        let within = range.start <= range.end && range.end <= bytes.len() as u64;
        if !within {
            return Err(ArtifactError::new(
                ArtifactErrorKind::NotFound,
                format!("artifact {sha256} has no bytes {}..{}", range.start, range.end),
            ));
        }
        Ok(artifact_stream(bytes.slice(range.start as usize..range.end as usize)))
    }

    async fn find(&self, sha256: &Hash) -> Result<Option<StoredArtifact>, ArtifactError> {
        let size = self.kept().get(sha256).map(|bytes| bytes.len() as u64);
        Ok(size.map(|size_bytes| StoredArtifact { sha256: *sha256, size_bytes }))
    }
}
