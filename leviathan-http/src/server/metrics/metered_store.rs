//! `MeteredStore`: a store of which everything that is asked is counted.

use super::{Figure, Metrics};
use async_trait::async_trait;
use leviathan_core::event::{Event, Origin};
use leviathan_core::executor::Cause;
use leviathan_core::log::{Envelope, Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

/// A store of which everything that is asked is counted. Give it to the ledger in the store's place.
#[derive(Debug)]
pub struct MeteredStore {
    store: Arc<dyn EventStore>,
    metrics: Metrics,
}

impl MeteredStore {
    pub(super) fn new(store: Arc<dyn EventStore>, metrics: Metrics) -> Self {
        Self { store, metrics }
    }

    fn failed(&self, operation: &str, error: &StoreError) {
        let kind = match error.kind() {
            StoreErrorKind::Conflict => {
                return self.metrics.counter(Figure::AppendConflicts, []).increment(1);
            }
            StoreErrorKind::Unavailable => "unavailable",
            StoreErrorKind::Unknown => "unknown",
            StoreErrorKind::Corrupt => "corrupt",
            _ => "other",
        };
        self.metrics.counter(Figure::StoreErrors, [operation, kind]).increment(1);
    }

    fn seen<T>(&self, operation: &str, done: Result<T, StoreError>) -> Result<T, StoreError> {
        done.inspect_err(|error| self.failed(operation, error))
    }

    fn recorded(&self, envelope: &Envelope<'_>) {
        let known = Event::KINDS.iter().find(|known| **known == envelope.event_type);
        self.metrics.counter(Figure::EventsAppended, [known.copied().unwrap_or("custom")]).increment(1);
        let cause = match &*envelope.event_type {
            "attempt.succeeded" | "attempt.cancelled" => "none".to_owned(),
            "attempt.failed" => failure(envelope),
            _ => return,
        };
        let outcome = envelope.event_type.trim_start_matches("attempt.");
        let origin = match envelope.origin {
            Origin::Observed => "observed",
            Origin::Claimed => "claimed",
        };
        self.metrics.counter(Figure::AttemptEnds, [outcome, &cause, origin]).increment(1);
    }
}

/// A cause without what makes it one of many, so that there are few.
fn failure(envelope: &Envelope<'_>) -> String {
    let decoded = Event::decode(&envelope.event_type, envelope.version, envelope.payload, None);
    match decoded {
        Ok(Event::AttemptFailed(failed)) => match failed.failure_type {
            Cause::AgentLimit(_) => "agent_limit".to_owned(),
            Cause::ExitCode(_) => "exit_code".to_owned(),
            Cause::Other(_) => "other".to_owned(),
            plain => plain.to_string(),
        },
        _ => "other".to_owned(),
    }
}

#[async_trait]
impl EventStore for MeteredStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        let begun = Instant::now();
        self.seen("append", self.store.append(head, events).await)?;
        self.metrics.histogram(Figure::AppendSeconds, []).record(begun.elapsed());
        self.metrics.histogram(Figure::AppendEvents, []).record(events.len() as f64);
        events
            .iter()
            .filter_map(|event| event.body.envelope().ok())
            .for_each(|envelope| self.recorded(&envelope));
        Ok(())
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.seen("read", self.store.read(after, limit).await)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.seen("get", self.store.get(positions).await)
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.seen("settled", self.store.settled(at).await)
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.seen("changed", self.store.changed(after).await)
    }
}
