//! `HeldStore`: a store whose appends the test can hold back, and which the test can break.

use async_trait::async_trait;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct HeldStore {
    kept: Arc<dyn EventStore>,
    held: watch::Sender<bool>,
    begun: watch::Sender<u64>,
    broken: watch::Sender<Option<StoreErrorKind>>,
    given: AtomicU64,
}

impl HeldStore {
    pub(crate) fn over(kept: Arc<dyn EventStore>) -> Self {
        Self {
            kept,
            held: watch::Sender::new(false),
            begun: watch::Sender::new(0),
            broken: watch::Sender::new(None),
            given: AtomicU64::new(0),
        }
    }

    /// Lets no further append through.
    pub(crate) fn hold(&self) {
        self.held.send_replace(true);
        self.begun.send_replace(0);
    }

    /// Waits until an append is held back.
    pub(crate) async fn holds_one(&self) {
        super::soon(self.begun.subscribe().wait_for(|begun| *begun > 0)).await.unwrap();
    }

    pub(crate) fn release(&self) {
        self.held.send_replace(false);
    }

    /// Answers everything with an error of this kind.
    pub(crate) fn fail(&self, kind: StoreErrorKind) {
        self.broken.send_replace(Some(kind));
    }

    /// How many bytes of events were read.
    pub(crate) fn given(&self) -> u64 {
        self.given.load(Ordering::SeqCst)
    }

    pub(crate) async fn events(&self) -> Vec<RecordedEvent> {
        self.kept.read(Position::START, NonZeroUsize::MAX).await.unwrap()
    }

    fn works(&self) -> Result<(), StoreError> {
        let broken = *self.broken.borrow();
        broken.map_or(Ok(()), |kind| Err(StoreError::new(kind, "the test broke the store")))
    }
}

#[async_trait]
impl EventStore for HeldStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        self.works()?;
        self.begun.send_modify(|begun| *begun += 1);
        self.held.subscribe().wait_for(|held| !held).await.unwrap();
        self.kept.append(head, events).await
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.works()?;
        let page = self.kept.read(after, limit).await?;
        let bytes: usize = page.iter().map(|event| event.body.bytes().len()).sum();
        self.given.fetch_add(bytes as u64, Ordering::SeqCst);
        Ok(page)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.works()?;
        self.kept.get(positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.works()?;
        self.kept.settled(at).await
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.kept.changed(after).await
    }
}
