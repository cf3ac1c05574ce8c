//! `Violation`: what a test found instead of what was promised.

use crate::SeamError;
use std::fmt;

/// What was found instead of what was promised, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(String);

impl Violation {
    /// Says what was found.
    pub fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

/// An error where the promise allows none.
impl<K: fmt::Debug + Copy> From<SeamError<K>> for Violation {
    fn from(error: SeamError<K>) -> Self {
        Self(format!("unexpected error ({:?}): {error}", error.kind()))
    }
}

/// Goes on if it `holds`, else says what was found.
///
/// # Errors
/// [`Violation`] if it does not hold.
pub fn ensure(holds: bool, what: impl fmt::Display) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(what)) }
}
