//! `MemoryEventStore`: a log in memory, for tests and experiments.

use super::{EventStore, StoreError};
use crate::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use async_trait::async_trait;
use futures::channel::oneshot;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps a log for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryEventStore {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    events: Vec<RecordedEvent>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Inner {
    fn head(&self) -> Head {
        self.events.last().map_or(Head::EMPTY, |event| event.head)
    }

    fn at(&self, position: Position) -> Option<&RecordedEvent> {
        let index = usize::try_from(position.get().checked_sub(1)?).ok()?;
        self.events.get(index)
    }
}

impl MemoryEventStore {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if inner.head() != *head {
            return Err(StoreError::conflict(head, &inner.head()));
        }
        inner.events.extend(events.iter().cloned().map(SealedEvent::recorded));
        for waiting in inner.waiting.drain(..) {
            // Whoever stopped waiting needs no word.
            let _ = waiting.send(());
        }
        Ok(())
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        let skip = usize::try_from(after.get()).unwrap_or(usize::MAX);
        Ok(self.inner().events.iter().skip(skip).take(limit.get()).cloned().collect())
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        let inner = self.inner();
        Ok(positions.iter().filter_map(|position| inner.at(*position).cloned()).collect())
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        Ok(self.inner().at(at).map(|event| event.head.hash))
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        let moved = {
            let mut inner = self.inner();
            if inner.head().position > after {
                return Ok(());
            }
            let (sender, moved) = oneshot::channel();
            inner.waiting.retain(|waiting| !waiting.is_canceled());
            inner.waiting.push(sender);
            moved
        };
        // The sender is dropped only with the store itself, and then nobody waits.
        let _ = moved.await;
        Ok(())
    }
}
