//! `FlawedArtifactStore`: a good store, but for one flaw.

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use leviathan_core::artifact::{
    ArtifactError, ArtifactErrorKind, ArtifactStore, ArtifactStream, MemoryArtifactStore, StoredArtifact,
    artifact_bytes, artifact_stream,
};
use leviathan_core::log::Hash;
use std::ops::Range;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// Does not keep what has no bytes.
    ForgetsTheEmpty,
    /// Gives no bytes instead of an error.
    GivesNothingForMissing,
    /// Compares the hash after the bytes are in place.
    KeepsBeforeItChecks,
    /// Keeps as much as is allowed and drops the rest.
    CutsAtTheLimit,
    /// Keeps what came before the source failed.
    KeepsHalfOfIt,
    /// Puts bytes in place while they arrive.
    ShowsWhatArrives,
    /// Refuses what it has.
    RefusesTheKnown,
    /// Gives less than was asked for.
    ClampsRanges,
    /// Is empty when it is opened again.
    LosesAll,
}

/// A good store, but for one flaw.
#[derive(Debug)]
pub(super) struct FlawedArtifactStore {
    flaw: Flaw,
    inner: MemoryArtifactStore,
}

impl FlawedArtifactStore {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, inner: MemoryArtifactStore::default() }
    }

    pub(super) fn reopen(self) -> Self {
        if self.flaw == Flaw::LosesAll { Self::new(self.flaw) } else { self }
    }

    /// Keeps each beginning of the content under its hash.
    async fn show_what_arrives(
        &self,
        mut content: ArtifactStream,
        limit: u64,
    ) -> Result<StoredArtifact, ArtifactError> {
        let mut arrived = Vec::new();
        loop {
            let shown = self.inner.put(artifact_stream(arrived.clone()), None, limit).await?;
            match content.next().await {
                Some(piece) => arrived.extend(piece?),
                None => return Ok(shown),
            }
        }
    }
}

#[async_trait]
impl ArtifactStore for FlawedArtifactStore {
    async fn put(
        &self,
        content: ArtifactStream,
        expected: Option<Hash>,
        limit: u64,
    ) -> Result<StoredArtifact, ArtifactError> {
        match self.flaw {
            Flaw::ForgetsTheEmpty => {
                let bytes = artifact_bytes(content, limit).await?;
                if bytes.is_empty() {
                    return Ok(StoredArtifact { sha256: Hash::of(b""), size_bytes: 0 });
                }
                self.inner.put(artifact_stream(bytes), expected, limit).await
            }
            Flaw::KeepsBeforeItChecks => {
                let bytes = artifact_bytes(content, limit).await?;
                self.inner.put(artifact_stream(bytes.clone()), None, limit).await?;
                self.inner.put(artifact_stream(bytes), expected, limit).await
            }
            Flaw::CutsAtTheLimit => {
                let mut left = limit as usize;
                let cut = content.map_ok(move |mut piece| {
                    piece.truncate(left);
                    left -= piece.len();
                    piece
                });
                // An endless source would never end.
                self.inner.put(cut.take(1000).boxed(), None, limit).await
            }
            Flaw::KeepsHalfOfIt => {
                let good: Vec<_> =
                    content.take_while(|piece| std::future::ready(piece.is_ok())).collect().await;
                self.inner.put(stream::iter(good).boxed(), expected, limit).await?;
                Err(ArtifactError::new(ArtifactErrorKind::Interrupted, "the source failed"))
            }
            Flaw::ShowsWhatArrives => self.show_what_arrives(content, limit).await,
            Flaw::RefusesTheKnown => {
                let bytes = artifact_bytes(content, limit).await?;
                if self.inner.find(&Hash::of(&bytes)).await?.is_some() {
                    return Err(ArtifactError::new(ArtifactErrorKind::Unavailable, "already exists"));
                }
                self.inner.put(artifact_stream(bytes), expected, limit).await
            }
            _ => self.inner.put(content, expected, limit).await,
        }
    }

    async fn get(&self, sha256: &Hash, range: Option<Range<u64>>) -> Result<ArtifactStream, ArtifactError> {
        let found = self.inner.find(sha256).await?;
        match (self.flaw, found, range) {
            (Flaw::GivesNothingForMissing, None, _) => Ok(artifact_stream("")),
            (Flaw::ClampsRanges, Some(found), Some(range)) => {
                let end = range.end.min(found.size_bytes);
                self.inner.get(sha256, Some(range.start.min(end)..end)).await
            }
            (_, _, range) => self.inner.get(sha256, range).await,
        }
    }

    async fn find(&self, sha256: &Hash) -> Result<Option<StoredArtifact>, ArtifactError> {
        self.inner.find(sha256).await
    }
}
