//! `StoreError`: why a store did not do what it was asked.

use crate::SeamError;
use crate::log::Head;

/// An event store's error.
pub type StoreError = SeamError<StoreErrorKind>;

/// What a caller does about a [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Nothing was written: try again later.
    Unavailable,
    /// It may have been written or not: find out with [`EventStore::settled`](super::EventStore::settled).
    Unknown,
    /// Somebody else appended first: read on, and decide again.
    Conflict,
    /// The log is damaged, or the store was told so: stop, an operator must look.
    Corrupt,
}

impl StoreError {
    /// The log ends at another head than the caller expected.
    pub fn conflict(expected: &Head, found: &Head) -> Self {
        Self::new(
            StoreErrorKind::Conflict,
            format_args!("expected the log to end at {expected}, it ends at {found}"),
        )
    }
}
