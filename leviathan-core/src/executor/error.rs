//! `ExecutorError`: why an executor did not do what it was asked.

use crate::SeamError;
use std::fmt;

/// An executor's error.
pub type ExecutorError = SeamError<ExecutorErrorKind>;

/// What a caller does about an [`ExecutorError`]. The scheduler writes the error's text into the log or its own output, so
/// it must hold no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutorErrorKind {
    /// Not now: try again later. The scheduler asks again after a second, for as long as the log calls for it.
    Unavailable,
    /// The attempt exists with another spec: don't launch it, an operator must look. The scheduler ends the attempt as a
    /// configuration error.
    Conflict,
    /// It will never work like this. Of a launch, the scheduler ends the attempt as a configuration error, which uses no try
    /// and pauses the target until an operator has looked. What may go well another time is
    /// [`Unavailable`](Self::Unavailable), or an attempt that ends with a [`Cause`](super::Cause).
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
