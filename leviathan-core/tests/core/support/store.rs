//! `TestStore`: an event store in memory whose appends can be held back, and fail as planned.

use async_trait::async_trait;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, MemoryEventStore, StoreError, StoreErrorKind};
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What becomes of one append.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plan {
    /// It is written, but the answer is lost.
    WrittenUnknown,
    /// It is not written, and the answer is lost.
    LostUnknown,
    /// It is not written.
    Unavailable,
    /// It is refused, though nobody else wrote anything.
    ConflictWithNobody,
    /// The log is damaged.
    Corrupt,
}

#[derive(Debug)]
pub(crate) struct TestStore {
    log: Arc<MemoryEventStore>,
    plans: Mutex<VecDeque<Plan>>,
    /// How often `settled` will fail before it answers.
    unsettled: Mutex<u32>,
    /// How many events each append had that was asked for.
    asked: watch::Sender<Vec<usize>>,
    open: watch::Sender<bool>,
}

impl TestStore {
    pub(crate) fn new() -> Arc<Self> {
        Self::over(Arc::default())
    }

    /// Another way to the same log, as another process has it.
    pub(crate) fn over(log: Arc<MemoryEventStore>) -> Arc<Self> {
        Arc::new(Self {
            log,
            plans: Mutex::default(),
            unsettled: Mutex::default(),
            asked: watch::Sender::default(),
            open: watch::Sender::new(true),
        })
    }

    pub(crate) fn log(&self) -> &Arc<MemoryEventStore> {
        &self.log
    }

    /// What becomes of the next appends.
    pub(crate) fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.plans.lock().unwrap().extend(plans);
    }

    pub(crate) fn settles_after(&self, failures: u32) {
        *self.unsettled.lock().unwrap() = failures;
    }

    /// Holds back every append from here on.
    pub(crate) fn hold(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn let_go(&self) {
        self.open.send_replace(true);
    }

    /// How many events each append had that was asked for.
    pub(crate) fn appends(&self) -> Vec<usize> {
        self.asked.borrow().clone()
    }

    /// Returns once so many appends were asked for.
    pub(crate) async fn asked(&self, appends: usize) {
        self.asked.subscribe().wait_for(|asked| asked.len() >= appends).await.unwrap();
    }

    /// Everything that is durable.
    pub(crate) async fn events(&self) -> Vec<RecordedEvent> {
        self.log.read(Position::START, NonZeroUsize::MAX).await.unwrap()
    }

    /// The types of everything that is durable.
    pub(crate) async fn kinds(&self) -> Vec<String> {
        let kind = |event: &RecordedEvent| event.body.envelope().unwrap().event_type.into_owned();
        self.events().await.iter().map(kind).collect()
    }
}

#[async_trait]
impl EventStore for TestStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        self.asked.send_modify(|asked| asked.push(events.len()));
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        let plan = self.plans.lock().unwrap().pop_front();
        let fails = |kind| Err(StoreError::new(kind, "as planned"));
        match plan {
            None => self.log.append(head, events).await,
            Some(Plan::WrittenUnknown) => {
                self.log.append(head, events).await?;
                fails(StoreErrorKind::Unknown)
            }
            Some(Plan::LostUnknown) => fails(StoreErrorKind::Unknown),
            Some(Plan::Unavailable) => fails(StoreErrorKind::Unavailable),
            Some(Plan::ConflictWithNobody) => fails(StoreErrorKind::Conflict),
            Some(Plan::Corrupt) => fails(StoreErrorKind::Corrupt),
        }
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.log.read(after, limit).await
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.log.get(positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        let fails = {
            let mut left = self.unsettled.lock().unwrap();
            let fails = *left > 0;
            *left = left.saturating_sub(1);
            fails
        };
        if fails {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "as planned"));
        }
        self.log.settled(at).await
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.log.changed(after).await
    }
}
