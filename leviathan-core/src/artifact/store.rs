//! `ArtifactStore`: the seam itself.

use super::{ArtifactError, ArtifactErrorKind};
use crate::log::Hash;
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// An artifact's bytes on their way.
pub type ArtifactStream = BoxStream<'static, Result<Bytes, ArtifactError>>;

/// What is known of kept bytes without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredArtifact {
    /// SHA-256 of the bytes.
    pub sha256: Hash,
    /// How many there are.
    pub size_bytes: u64,
}

/// Keeps bytes by their SHA-256. Implement it with `#[async_trait]` of the crate `async-trait`.
///
/// # Contract
/// - Bytes are hashed while they arrive and are kept whole or not at all: after an error, or when the future of `put` is
///   dropped, nothing of them can be read.
/// - Keeping the same bytes twice is harmless and keeps them once.
/// - When `put` returns `Ok` the bytes are durable.
/// - `limit` bytes are kept; with one more `put` ends as soon as it sees it, however long `content` would go on.
///
/// The suite in `leviathan_core::conformance` (feature `conformance`) has a test for each promise.
#[async_trait]
pub trait ArtifactStore: fmt::Debug + Send + Sync + 'static {
    /// Keeps the bytes of `content`, at most `limit` of them, under their own hash.
    ///
    /// # Errors
    /// `Mismatch` if `expected` is given and the bytes have another hash; `TooLarge` over `limit`; `Interrupted` if
    /// `content` gives an error; `Unavailable` if the store does not answer.
    async fn put(
        &self,
        content: ArtifactStream,
        expected: Option<Hash>,
        limit: u64,
    ) -> Result<StoredArtifact, ArtifactError>;

    /// The bytes, or those of `range`, which must lie within them.
    ///
    /// # Errors
    /// `NotFound`, also for a range that does not lie within the bytes; `Unavailable`. An error within the stream means that the rest is missing.
    async fn get(&self, sha256: &Hash, range: Option<Range<u64>>) -> Result<ArtifactStream, ArtifactError>;

    /// Whether there are such bytes, and how many.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn find(&self, sha256: &Hash) -> Result<Option<StoredArtifact>, ArtifactError>;
}

/// Bytes at hand as a stream.
pub fn artifact_stream(bytes: impl Into<Bytes>) -> ArtifactStream {
    stream::iter([Ok(bytes.into())]).boxed()
}

/// All the bytes of a stream, at most `limit`.
///
/// # Errors
/// The stream's own, or `TooLarge` over `limit`.
pub async fn artifact_bytes(stream: ArtifactStream, limit: u64) -> Result<Bytes, ArtifactError> {
    let collect = |mut all: Vec<u8>, chunk: Bytes| async move {
        if all.len() as u64 + chunk.len() as u64 > limit {
            return Err(ArtifactError::new(ArtifactErrorKind::TooLarge, format!("more than {limit} bytes")));
        }
        all.extend_from_slice(&chunk);
        Ok(all)
    };
    stream.try_fold(Vec::new(), collect).await.map(Bytes::from)
}
