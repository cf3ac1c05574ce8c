//! `EventStore`: the append-only log.

use super::StoreError;
use crate::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use async_trait::async_trait;
use std::{fmt, num::NonZeroUsize};

/// Keeps one log, byte for byte.
///
/// # Contract
/// - What `append` acknowledged is there for ever, in its place, with its exact bytes.
/// - An append is seen by readers whole or not at all, and only once it is durable.
/// - A future that is dropped leaves its append done or not done, never in between.
///
/// The suite in `leviathan_core::conformance` (feature `conformance`) has a test for each promise.
#[async_trait]
pub trait EventStore: fmt::Debug + Send + Sync + 'static {
    /// Appends `events`, which are sealed behind `head`. All or nothing, durable on return. No events is nothing to do.
    ///
    /// # Errors
    /// `Conflict` when the log's head is another: nothing was written. `Unknown` when it may have been written: ask
    /// [`settled`](Self::settled). `Unavailable` when nothing was written and a later try may work. `Corrupt` when the
    /// log is damaged.
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError>;

    /// The events behind `after`, in order, at most `limit`; none at the end of the log.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError>;

    /// The events at `positions`, in the order asked for; a position that is not in the log is left out.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError>;

    /// The hash at a position, read so that no append still in flight can change the answer.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError>;

    /// Returns once the log may have moved past `after`. It may return early, never late for good.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn changed(&self, after: Position) -> Result<(), StoreError>;
}
