//! Artifacts: bytes named by their SHA-256, and the seam to where they are kept.

mod artifact_ref;
mod error;
mod memory;
mod store;

pub use artifact_ref::ArtifactRef;
pub use error::{ArtifactError, ArtifactErrorKind};
pub use memory::MemoryArtifactStore;
pub use store::{ArtifactStore, ArtifactStream, StoredArtifact, artifact_bytes, artifact_stream};
