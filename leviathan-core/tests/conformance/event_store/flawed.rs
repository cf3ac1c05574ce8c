//! `FlawedEventStore`: a good store, but for one flaw.

use async_trait::async_trait;
use leviathan_core::log::{EventBody, Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, MemoryEventStore, StoreError, StoreErrorKind};
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// Reads an event where there is none.
    ShowsAGhost,
    /// Parses bodies and writes them out again, as a database with a JSON column does.
    WritesJsonAnew,
    /// Reads all there is.
    IgnoresTheLimit,
    /// Answers in the log's order instead of the one asked for.
    SortsWhatItGets,
    /// Takes an empty append for a mistake.
    RefusesNoEvents,
    /// Writes as much as one statement of its database takes.
    CutsLongBatches,
    /// Compares positions only.
    IgnoresTheHash,
    /// Says yes to everybody.
    AcknowledgesTheLoser,
    /// Lets readers see half a batch.
    AppendsOneByOne,
    /// Knows no hash.
    SettlesNothing,
    /// Finishes an append that was let go, after it settled that there is none.
    AppendsBehindYourBack,
    /// Forgets those who wait.
    NeverWakes,
    /// Forgets the last event when it is closed.
    LosesTheLast,
}

/// A good store, but for one flaw.
#[derive(Debug)]
pub(super) struct FlawedEventStore {
    flaw: Flaw,
    inner: MemoryEventStore,
    let_go: Mutex<Option<(Head, Vec<SealedEvent>)>>,
}

impl FlawedEventStore {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, inner: MemoryEventStore::default(), let_go: Mutex::default() }
    }

    pub(super) async fn reopen(self) -> Self {
        let reopened = Self::new(self.flaw);
        let mut kept = self.read(Position::START, NonZeroUsize::MAX).await.unwrap();
        if self.flaw == Flaw::LosesTheLast {
            kept.pop();
        }
        let sealed: Vec<_> =
            kept.into_iter().map(|event| SealedEvent { head: event.head, body: event.body }).collect();
        reopened.inner.append(&Head::EMPTY, &sealed).await.unwrap();
        reopened
    }

    async fn finish_what_was_let_go(&self) -> Result<(), StoreError> {
        let let_go = self.let_go.lock().unwrap().take();
        match let_go {
            Some((head, events)) => self.inner.append(&head, &events).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl EventStore for FlawedEventStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        match self.flaw {
            Flaw::RefusesNoEvents if events.is_empty() => {
                Err(StoreError::new(StoreErrorKind::Unavailable, "nothing to append"))
            }
            Flaw::IgnoresTheHash => {
                let outcome = self.inner.append(head, events).await;
                let there = self.inner.settled(head.position).await?.is_some();
                let further = self.inner.settled(head.position.next()).await?.is_some();
                if there && !further { Ok(()) } else { outcome }
            }
            Flaw::CutsLongBatches => self.inner.append(head, &events[..events.len().min(4096)]).await,
            Flaw::AcknowledgesTheLoser => self.inner.append(head, events).await.or(Ok(())),
            Flaw::AppendsOneByOne => {
                let mut head = *head;
                for event in events {
                    self.inner.append(&head, std::slice::from_ref(event)).await?;
                    head = event.head;
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            Flaw::AppendsBehindYourBack => {
                self.finish_what_was_let_go().await?;
                *self.let_go.lock().unwrap() = Some((*head, events.to_vec()));
                tokio::task::yield_now().await;
                self.finish_what_was_let_go().await
            }
            _ => self.inner.append(head, events).await,
        }
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        let limit = if self.flaw == Flaw::IgnoresTheLimit { NonZeroUsize::MAX } else { limit };
        let mut events = self.inner.read(after, limit).await?;
        match self.flaw {
            Flaw::ShowsAGhost if events.is_empty() => {
                let body = EventBody::seal("{}".into());
                events.push(RecordedEvent { head: Head::EMPTY.then(body.leaf()), body });
            }
            Flaw::WritesJsonAnew => {
                for event in &mut events {
                    let value: serde_json::Value = serde_json::from_slice(event.body.bytes()).unwrap();
                    event.body = EventBody::seal(value.to_string().into());
                }
            }
            _ => {}
        }
        Ok(events)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut positions = positions.to_vec();
        if self.flaw == Flaw::SortsWhatItGets {
            positions.sort();
        }
        self.inner.get(&positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        if self.flaw == Flaw::SettlesNothing { Ok(None) } else { self.inner.settled(at).await }
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        if self.flaw == Flaw::NeverWakes && self.inner.settled(after.next()).await?.is_none() {
            std::future::pending::<()>().await;
        }
        self.inner.changed(after).await
    }
}
