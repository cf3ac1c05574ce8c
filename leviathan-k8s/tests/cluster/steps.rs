//! `Steps`: counts what a host does to its log and its executor, and stops it at one of these steps.

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError, Observation, Phase};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError};
use leviathan_k8s::K8sExecutor;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// The steps of one host's life: before and after each request and each append, and whenever an attempt is seen to be
/// further on.
#[derive(Debug)]
pub(crate) struct Steps {
    left: Mutex<usize>,
    names: Mutex<Vec<String>>,
    stopped: Notify,
}

impl Steps {
    /// A host that goes so many steps and no further.
    pub(crate) fn until(left: usize) -> Arc<Self> {
        Arc::new(Self { left: Mutex::new(left), names: Mutex::default(), stopped: Notify::new() })
    }

    /// Returns once the host stands still.
    pub(crate) async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// The steps that were gone.
    pub(crate) fn gone(&self) -> Vec<String> {
        self.names.lock().unwrap().clone()
    }

    async fn step(&self, name: &str) {
        let goes_on = {
            let mut left = self.left.lock().unwrap();
            let goes_on = *left > 0;
            *left = left.saturating_sub(1);
            goes_on
        };
        if !goes_on {
            self.stopped.notify_one();
            return std::future::pending().await;
        }
        self.names.lock().unwrap().push(name.to_owned());
    }
}

/// An executor whose host goes by steps.
#[derive(Debug)]
pub(crate) struct SteppedExecutor {
    pub(crate) inner: K8sExecutor,
    pub(crate) steps: Arc<Steps>,
}

#[async_trait]
impl Executor for SteppedExecutor {
    fn name(&self) -> &ExecutorName {
        self.inner.name()
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        self.steps.step("launch").await;
        let done = self.inner.launch(spec, created).await;
        self.steps.step("launched").await;
        done
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        self.steps.step("cancel").await;
        self.inner.cancel(attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        self.steps.step("release").await;
        let done = self.inner.release(attempt).await;
        self.steps.step("released").await;
        done
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        let steps = self.steps.clone();
        let seen = move |furthest: &mut Option<u8>, observed: &Result<Observation, ExecutorError>| {
            let Ok(Observation::Held(seen)) = observed else { return None };
            let further = *furthest < Some(seen.phase.rank());
            *furthest = (*furthest).max(Some(seen.phase.rank()));
            further.then_some(match seen.phase {
                Phase::Submitted => "seen as submitted",
                Phase::Running => "seen to run",
                Phase::Finished(_) => "seen to have ended",
            })
        };
        self.inner
            .watch()
            .scan(None, move |furthest, observed| {
                let (steps, name) = (steps.clone(), seen(furthest, &observed));
                async move {
                    if let Some(name) = name {
                        steps.step(name).await;
                    }
                    Some(observed)
                }
            })
            .boxed()
    }
}

/// A log whose host goes by steps.
#[derive(Debug)]
pub(crate) struct SteppedStore {
    pub(crate) inner: Arc<dyn EventStore>,
    pub(crate) steps: Arc<Steps>,
}

#[async_trait]
impl EventStore for SteppedStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        self.steps.step("append").await;
        let done = self.inner.append(head, events).await;
        self.steps.step("appended").await;
        done
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.inner.read(after, limit).await
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.inner.get(positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.inner.settled(at).await
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.inner.changed(after).await
    }
}
