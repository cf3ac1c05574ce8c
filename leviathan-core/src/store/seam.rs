//! `EventStore`: the append-only log.

use super::StoreError;
use crate::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use async_trait::async_trait;
use std::{fmt, num::NonZeroUsize};

/// Keeps one log, byte for byte. Implement it with `#[async_trait]` of the crate `async-trait`.
///
/// Of each event a store keeps three things: the position and the hash of [`SealedEvent::head`], and the bytes of
/// [`SealedEvent::body`]. It gives them back as they were, by
/// [`EventBody::seal`](crate::log::EventBody::seal), and need not understand them: the chain is made and verified by the
/// ledger. A batch is usually at most 4,096 events and 4 MiB, but one that a worker posted is never split and may have
/// 10,000 events and 16 MiB.
///
/// # Contract
/// - What `append` acknowledged is there for ever, in its place, with its exact bytes.
/// - An append is seen by readers whole or not at all, and only once it is durable.
/// - A future that is dropped leaves its append done or not done, never in between; once `settled` has said which, that
///   stays true.
/// - Of several appends behind one head, by whichever process, one is acknowledged and the others are `Conflict`s.
/// - In a store that keeps its log at all, what was acknowledged survives the end of the process.
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

    /// The hash at a position, `None` if nothing stands there, read so that no append still in flight can change the answer.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError>;

    /// Returns once the log may have moved past `after`. It may return early, never late for good: it
    /// returns at once if the log is further on already, and every waiter is woken.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn changed(&self, after: Position) -> Result<(), StoreError>;
}
