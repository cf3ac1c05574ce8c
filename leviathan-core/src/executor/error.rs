//! `ExecutorError`: why an executor did not do what it was asked.

use crate::SeamError;
use std::fmt;

/// An executor's error.
pub type ExecutorError = SeamError<ExecutorErrorKind>;

/// What a caller does about an [`ExecutorError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutorErrorKind {
    /// Not now: try again later.
    Unavailable,
    /// The attempt exists with another spec: don't launch it, an operator must look.
    Conflict,
    /// It will never work like this: record the failure as a configuration error.
    Rejected,
}

impl ExecutorError {
    /// Not now. `message` says what happened to which thing.
    pub fn unavailable(message: impl fmt::Display) -> Self {
        Self::new(ExecutorErrorKind::Unavailable, message)
    }

    /// The attempt exists with another spec.
    pub fn conflict(message: impl fmt::Display) -> Self {
        Self::new(ExecutorErrorKind::Conflict, message)
    }

    /// It will never work like this.
    pub fn rejected(message: impl fmt::Display) -> Self {
        Self::new(ExecutorErrorKind::Rejected, message)
    }
}
