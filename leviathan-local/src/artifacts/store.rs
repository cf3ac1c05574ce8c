//! `ObjectArtifactStore`: the store itself.

use super::spool::{Spool, Spooled, read_block};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use leviathan_core::artifact::{
    ArtifactError, ArtifactErrorKind, ArtifactStore, ArtifactStream, StoredArtifact, artifact_stream,
};
use leviathan_core::log::Hash;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload};
use std::error::Error;
use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Keeps artifacts as objects named `ab/abcd…`, by their SHA-256 in hex.
///
/// Bytes are spooled on this machine while they arrive, and given to the object store only when their hash, their number
/// and their source proved good. That holds for every backend: the name is not known before the last byte, some have no
/// atomic rename, and an upload that was begun can't be taken back when its future is dropped. An object itself appears
/// whole or not at all. Once all bytes are there they are kept even if the caller goes away.
///
/// Call it within a Tokio runtime.
#[derive(Debug, Clone)]
pub struct ObjectArtifactStore {
    objects: Arc<dyn ObjectStore>,
    spool: PathBuf,
}

impl ObjectArtifactStore {
    /// Keeps artifacts in `objects`. What is larger than 8 MiB is spooled in the directory `spool`.
    pub fn new(objects: Arc<dyn ObjectStore>, spool: impl Into<PathBuf>) -> Self {
        Self { objects, spool: spool.into() }
    }

    /// Keeps artifacts in a directory of this machine, which is made if it is missing. They are durable when `put` returns.
    ///
    /// # Errors
    /// `Unavailable` if the directory can't be made or used.
    pub fn in_directory(directory: impl AsRef<Path>) -> Result<Self, ArtifactError> {
        let directory = directory.as_ref();
        let unusable = |error: Box<dyn Error + Send + Sync>| {
            unavailable(format_args!("cannot keep artifacts in {}", directory.display()), error)
        };
        std::fs::create_dir_all(directory).map_err(|error| unusable(error.into()))?;
        let files = LocalFileSystem::new_with_prefix(directory).map_err(|error| unusable(error.into()))?;
        let files = files.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self::new(Arc::new(files), directory))
    }

    async fn spool(
        &self,
        mut content: ArtifactStream,
        limit: u64,
    ) -> Result<(StoredArtifact, Spooled), ArtifactError> {
        let full = |error: std::io::Error| {
            unavailable(format_args!("cannot spool an artifact in {}", self.spool.display()), error)
        };
        let mut spool = Spool::new(&self.spool);
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| {
                let what =
                    format_args!("the artifact's source failed after {} bytes: {error}", spool.length());
                ArtifactError::new(ArtifactErrorKind::Interrupted, what).with_source(error)
            })?;
            if spool.length() + piece.len() as u64 > limit {
                let what = format_args!("the artifact has more than {limit} bytes");
                return Err(ArtifactError::new(ArtifactErrorKind::TooLarge, what));
            }
            spool.add(piece).await.map_err(full)?;
        }
        let size_bytes = spool.length();
        let (sha256, spooled) = spool.finish().await.map_err(full)?;
        Ok((StoredArtifact { sha256, size_bytes }, spooled))
    }
}

#[async_trait]
impl ArtifactStore for ObjectArtifactStore {
    async fn put(
        &self,
        content: ArtifactStream,
        expected: Option<Hash>,
        limit: u64,
    ) -> Result<StoredArtifact, ArtifactError> {
        let (stored, spooled) = self.spool(content, limit).await?;
        if let Some(expected) = expected.filter(|expected| *expected != stored.sha256) {
            let what = format_args!("the bytes sent as {expected} hash to {}", stored.sha256);
            return Err(ArtifactError::new(ArtifactErrorKind::Mismatch, what));
        }
        if self.find(&stored.sha256).await? == Some(stored) {
            return Ok(stored);
        }
        // In a task of its own, so that an upload that was begun is always completed or aborted.
        let upload = tokio::spawn(upload(Arc::clone(&self.objects), object_path(&stored.sha256), spooled));
        let failed = |error: Box<dyn Error + Send + Sync>| {
            unavailable(format_args!("cannot keep artifact {}", stored.sha256), error)
        };
        upload.await.map_err(|error| failed(error.into()))?.map_err(failed)?;
        Ok(stored)
    }

    async fn get(&self, sha256: &Hash, range: Option<Range<u64>>) -> Result<ArtifactStream, ArtifactError> {
        if let Some(range) = &range {
            // Backends differ in what they make of a range that is empty or goes beyond the end.
            let size = self.find(sha256).await?.ok_or_else(|| not_found(sha256))?.size_bytes;
            if range.start > range.end || range.end > size {
                let what = format_args!("artifact {sha256} has no bytes {}..{}", range.start, range.end);
                return Err(ArtifactError::new(ArtifactErrorKind::NotFound, what));
            }
            if range.is_empty() {
                return Ok(artifact_stream(""));
            }
        }
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let sha256 = *sha256;
        let unread = move |error: object_store::Error| match error {
            object_store::Error::NotFound { .. } => not_found(&sha256).with_source(error),
            error => unavailable(format_args!("cannot read artifact {sha256}"), error),
        };
        let found = self.objects.get_opts(&object_path(&sha256), options).await.map_err(unread)?;
        Ok(found.into_stream().map_err(unread).boxed())
    }

    async fn find(&self, sha256: &Hash) -> Result<Option<StoredArtifact>, ArtifactError> {
        match self.objects.head(&object_path(sha256)).await {
            Ok(found) => Ok(Some(StoredArtifact { sha256: *sha256, size_bytes: found.size })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(format_args!("cannot look for artifact {sha256}"), error)),
        }
    }
}

/// Makes the object appear, whole.
async fn upload(
    objects: Arc<dyn ObjectStore>,
    path: ObjectPath,
    spooled: Spooled,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (file, length) = match spooled {
        Spooled::Memory(bytes) => {
            objects.put(&path, PutPayload::from_bytes(bytes)).await?;
            return Ok(());
        }
        Spooled::File(file, length) => (file, length),
    };
    let mut upload = objects.put_multipart(&path).await?;
    let parts = async {
        let mut sent = 0;
        while sent < length {
            let block = read_block(&file, length, sent).await?;
            sent += block.len() as u64;
            upload.put_part(PutPayload::from_bytes(block)).await?;
        }
        upload.complete().await?;
        Ok(())
    };
    let outcome = parts.await;
    if outcome.is_err()
        && let Err(error) = upload.abort().await
    {
        tracing::warn!(%path, %error, "a failed upload could not be aborted: its parts may linger, unreadable");
    }
    outcome
}

fn object_path(sha256: &Hash) -> ObjectPath {
    let name = sha256.to_string();
    ObjectPath::from_iter([&name[..2], &name])
}

fn not_found(sha256: &Hash) -> ArtifactError {
    ArtifactError::new(ArtifactErrorKind::NotFound, format_args!("there is no artifact {sha256}"))
}

fn unavailable(what: impl Display, error: impl Into<Box<dyn Error + Send + Sync>>) -> ArtifactError {
    let error = error.into();
    ArtifactError::new(ArtifactErrorKind::Unavailable, format_args!("{what}: {error}")).with_source(error)
}
