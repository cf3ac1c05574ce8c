//! `ArtifactError`: why an artifact could not be kept or found.

use crate::SeamError;

/// An artifact store's error.
pub type ArtifactError = SeamError<ArtifactErrorKind>;

/// What a caller does about an [`ArtifactError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArtifactErrorKind {
    /// Not now: try again later.
    Unavailable,
    /// There is no artifact of this name.
    NotFound,
    /// The bytes are not those of the name that was given: they were not kept.
    Mismatch,
    /// There are more bytes than allowed: they were not kept.
    TooLarge,
    /// The bytes ended with an error of their source: they were not kept.
    Interrupted,
}
