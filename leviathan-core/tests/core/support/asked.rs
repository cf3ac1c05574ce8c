//! `Asked`: one host's way to an executor that it shares, which is slow and remembers what that host asked for and when.

use super::executor::{TestExecutor, Watch};
use super::host::TokioClock;
use async_trait::async_trait;
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use leviathan_core::{Clock, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Asked {
    inner: Arc<TestExecutor>,
    clock: Arc<TokioClock>,
    /// How long a request takes to get there.
    delay: Duration,
    requests: Mutex<Vec<Request>>,
    watches: Mutex<Vec<Timestamp>>,
}

/// A request, when it began, and when it ended or was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) kind: &'static str,
    pub(crate) began: Timestamp,
    pub(crate) over: Option<Timestamp>,
}

impl Asked {
    pub(crate) fn new(inner: &Arc<TestExecutor>, clock: &Arc<TokioClock>, delay: Duration) -> Arc<Self> {
        let (inner, clock) = (inner.clone(), clock.clone());
        Arc::new(Self { inner, clock, delay, requests: Mutex::default(), watches: Mutex::default() })
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn watches(&self) -> Vec<Timestamp> {
        self.watches.lock().unwrap().clone()
    }

    /// A request that takes its time; over once what this gives is dropped.
    async fn request(&self, kind: &'static str) -> Over<'_> {
        let over = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(Request { kind, began: self.clock.now(), over: None });
            Over { of: self, index: requests.len() - 1 }
        };
        self.clock.sleep(self.delay).await;
        over
    }
}

struct Over<'a> {
    of: &'a Asked,
    index: usize,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.of.requests.lock().unwrap()[self.index].over = Some(self.of.clock.now());
    }
}

#[async_trait]
impl Executor for Asked {
    fn name(&self) -> &ExecutorName {
        self.inner.name()
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        let _over = self.request("launch").await;
        self.inner.launch(spec, created).await
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        let _over = self.request("cancel").await;
        self.inner.cancel(attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        let _over = self.request("release").await;
        self.inner.release(attempt).await
    }

    fn watch(&self) -> Watch {
        self.watches.lock().unwrap().push(self.clock.now());
        self.inner.watch()
    }
}
