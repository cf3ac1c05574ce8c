//! `ForgeError`: why a forge did not do what it was asked.

use leviathan_core::SeamError;
use std::fmt;

/// A forge's error. It names the request and what the forge said, and never holds the token.
pub type ForgeError = SeamError<ForgeErrorKind>;

/// What a caller does about a [`ForgeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForgeErrorKind {
    /// It was not reached, broke down, or wants to be left alone for longer than there was time: try again later.
    Unavailable,
    /// The token is not taken, or may not do this: an operator must look.
    Denied,
    /// It will never take this request: an operator must look.
    Rejected,
}

/// Short words for the kinds.
pub(crate) trait Kinds {
    fn unavailable(message: impl fmt::Display) -> Self;
    fn denied(message: impl fmt::Display) -> Self;
    fn rejected(message: impl fmt::Display) -> Self;
}

impl Kinds for ForgeError {
    fn unavailable(message: impl fmt::Display) -> Self {
        Self::new(ForgeErrorKind::Unavailable, message)
    }

    fn denied(message: impl fmt::Display) -> Self {
        Self::new(ForgeErrorKind::Denied, message)
    }

    fn rejected(message: impl fmt::Display) -> Self {
        Self::new(ForgeErrorKind::Rejected, message)
    }
}
