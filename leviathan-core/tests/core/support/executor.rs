//! `TestExecutor`: the executor `here`, whose attempts run in this process, whose calls are counted, and that fails where
//! a test wants it to.

use super::host::TokioClock;
use super::words::here;
use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{self, BoxFuture};
use futures::stream::BoxStream;
use leviathan_core::executor::{
    AttemptContext, AttemptResult, AttemptSpec, Executor, ExecutorError, InProcess, Observation, RunAttempt,
};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) type Watch = BoxStream<'static, Result<Observation, ExecutorError>>;
type Launching = dyn Fn(&AttemptSpec, usize) -> BoxFuture<'static, Result<(), ExecutorError>> + Send + Sync;
type Asking = dyn Fn(&Call, usize) -> Result<(), ExecutorError> + Send + Sync;
type Watching = dyn Fn(usize, Watch) -> Watch + Send + Sync;

/// A request that was made of the executor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    Launch(AttemptId),
    Cancel(AttemptId),
    Release(AttemptId),
    Watch,
}

pub(crate) struct TestExecutor {
    inner: InProcess,
    calls: Mutex<Vec<Call>>,
    runs: Arc<Mutex<Runs>>,
    launching: Box<Launching>,
    asking: Box<Asking>,
    watching: Box<Watching>,
}

/// Which attempts began to run, as `task`, and how many at once.
#[derive(Debug, Default)]
struct Runs {
    begun: Vec<(AttemptId, String)>,
    now: usize,
    most: usize,
}

impl TestExecutor {
    /// Runs attempts by `work`, which is given the spec and a future that resolves once the attempt shall stop.
    pub(crate) fn new<F>(
        clock: &Arc<TokioClock>,
        work: impl Fn(AttemptSpec, BoxFuture<'static, ()>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = AttemptResult> + Send + 'static,
    {
        let runs = Arc::<Mutex<Runs>>::default();
        let work = Box::new(move |spec, stop| work(spec, stop).boxed());
        let run = Arc::new(Run { work, runs: runs.clone() });
        let spawn = |run| _ = tokio::spawn(run);
        Self {
            inner: InProcess::new(here(), run, spawn, clock.clone()),
            calls: Mutex::default(),
            runs,
            launching: Box::new(|_, _| future::ready(Ok(())).boxed()),
            asking: Box::new(|_, _| Ok(())),
            watching: Box::new(|_, watch| watch),
        }
    }

    /// Every attempt succeeds after `seconds`.
    pub(crate) fn working(clock: &Arc<TokioClock>, seconds: u64) -> Self {
        Self::new(clock, move |_, _| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            AttemptResult::succeeded("done")
        })
    }

    /// What happens before each launch, which is told how many there were before of any attempt.
    pub(crate) fn launching(
        self,
        launching: impl Fn(&AttemptSpec, usize) -> BoxFuture<'static, Result<(), ExecutorError>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { launching: Box::new(launching), ..self }
    }

    /// What becomes of each cancel and release, which is told how many there were before of its kind.
    pub(crate) fn asking(
        self,
        asking: impl Fn(&Call, usize) -> Result<(), ExecutorError> + Send + Sync + 'static,
    ) -> Self {
        Self { asking: Box::new(asking), ..self }
    }

    /// What becomes of each watch, which is told how many there were before.
    pub(crate) fn watching(self, watching: impl Fn(usize, Watch) -> Watch + Send + Sync + 'static) -> Self {
        Self { watching: Box::new(watching), ..self }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// How many calls there were of one kind.
    pub(crate) fn count(&self, kind: impl Fn(&Call) -> bool) -> usize {
        self.calls().iter().filter(|call| kind(call)).count()
    }

    /// The attempts that began to run, in that order.
    pub(crate) fn attempts_begun(&self) -> Vec<AttemptId> {
        self.runs.lock().unwrap().begun.iter().map(|(attempt, _)| attempt.clone()).collect()
    }

    /// Their tasks.
    pub(crate) fn tasks_begun(&self) -> Vec<String> {
        self.runs.lock().unwrap().begun.iter().map(|(_, task)| task.clone()).collect()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.runs.lock().unwrap().most
    }

    fn called(&self, call: Call) -> usize {
        let mut calls = self.calls.lock().unwrap();
        let alike = |other: &&Call| std::mem::discriminant(*other) == std::mem::discriminant(&call);
        let before = calls.iter().filter(alike).count();
        calls.push(call);
        before
    }
}

#[async_trait]
impl Executor for TestExecutor {
    fn name(&self) -> &ExecutorName {
        self.inner.name()
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        let before = self.called(Call::Launch(spec.attempt_id.clone()));
        (self.launching)(spec, before).await?;
        self.inner.launch(spec, created).await
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        let before = self.called(Call::Cancel(attempt.clone()));
        (self.asking)(&Call::Cancel(attempt.clone()), before)?;
        self.inner.cancel(attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        let before = self.called(Call::Release(attempt.clone()));
        (self.asking)(&Call::Release(attempt.clone()), before)?;
        self.inner.release(attempt).await
    }

    fn watch(&self) -> Watch {
        let before = self.called(Call::Watch);
        (self.watching)(before, self.inner.watch())
    }
}

impl fmt::Debug for TestExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestExecutor").field("calls", &self.calls()).finish_non_exhaustive()
    }
}

struct Run {
    work: Box<dyn Fn(AttemptSpec, BoxFuture<'static, ()>) -> BoxFuture<'static, AttemptResult> + Send + Sync>,
    runs: Arc<Mutex<Runs>>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Run")
    }
}

#[async_trait]
impl RunAttempt for Run {
    async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
        {
            let mut runs = self.runs.lock().unwrap();
            runs.begun.push((spec.attempt_id.clone(), spec.task_id.to_string()));
            runs.now += 1;
            runs.most = runs.most.max(runs.now);
        }
        let _ends = Ends(self.runs.clone());
        (self.work)(spec.clone(), ctx.cancelled().boxed()).await
    }
}

/// A run that is over, however it came to that.
struct Ends(Arc<Mutex<Runs>>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}
