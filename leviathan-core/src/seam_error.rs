//! `SeamError`: the shape of every error at a seam.

use std::fmt;

/// An error at a seam: a sentence that says what happened to which thing, what lies below, and a kind `K` that says what
/// the caller does about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SeamError<K: fmt::Debug> {
    kind: K,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl<K: fmt::Debug + Copy> SeamError<K> {
    /// An error of this kind. `message` says what happened to which thing; it must hold no secret.
    pub fn new(kind: K, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), source: None }
    }

    /// What lies below.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// What the caller does about it.
    pub fn kind(&self) -> K {
        self.kind
    }
}
