//! `Host`: a ledger whose task runs, on tokio's paused time.

use super::words::*;
use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::decide::Command;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Hash;
use leviathan_core::store::EventStore;
use leviathan_core::{Clock, Ledger, NewLog, Receipt, SubmitError, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The clock that moves when nothing else can. Every host of a test has the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokioClock {
    began: Instant,
}

impl TokioClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now() })
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        at(0) + self.began.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// A ledger, and the task behind it.
pub(crate) struct Host {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<TokioClock>,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) fn new_log() -> NewLog {
    NewLog { log_id: LOG, name: "tests".to_owned() }
}

impl Host {
    pub(crate) async fn open(store: Arc<dyn EventStore>, clock: &Arc<TokioClock>) -> Self {
        let (ledger, task) = Ledger::open(store, clock.clone(), new_log()).await.unwrap();
        Self { ledger, clock: clock.clone(), task: tokio::spawn(task.run()) }
    }

    /// With the target `radix`, these tasks, and room for so many attempts.
    pub(crate) async fn with<'a>(
        store: Arc<dyn EventStore>,
        tasks: impl IntoIterator<Item = &'a str>,
        max_running: u32,
    ) -> Self {
        let host = Self::open(store, &TokioClock::new()).await;
        host.when(Command::RegisterTarget(config_of("radix"))).await;
        host.when(change_limits(limits(max_running))).await;
        host.when(sync(tasks.into_iter().map(task))).await;
        host
    }

    pub(crate) async fn submit(&self, command: Command) -> Result<Receipt, SubmitError> {
        self.ledger.submit(command).await
    }

    pub(crate) async fn when(&self, command: Command) -> Receipt {
        self.submit(command).await.unwrap()
    }

    /// Submits commands so that all of them wait at once, and gives their answers in order.
    pub(crate) fn submit_all(
        &self,
        commands: impl IntoIterator<Item = Command>,
    ) -> JoinHandle<Vec<Result<Receipt, SubmitError>>> {
        let ledger = self.ledger.clone();
        let commands: Vec<_> = commands.into_iter().collect();
        tokio::spawn(async move {
            futures::future::join_all(commands.into_iter().map(|command| ledger.submit(command))).await
        })
    }

    pub(crate) fn digest(&self) -> Hash {
        self.ledger.read(|graph| graph.digest())
    }

    /// The attempts of a task, oldest first.
    pub(crate) fn attempts(&self, task: &str) -> Vec<AttemptId> {
        self.ledger.read(|graph| graph.task(&key(task)).unwrap().attempts.clone())
    }

    /// How a task stands, as `TaskState` debugs.
    pub(crate) fn state(&self, task: &str) -> String {
        self.ledger.read(|graph| format!("{:?}", graph.task(&key(task)).unwrap().state))
    }

    /// How each attempt of a task stands, oldest first.
    pub(crate) fn outcomes(&self, task: &str) -> Vec<&'static str> {
        let attempts = self.attempts(task);
        self.ledger.read(|graph| attempts.iter().map(|id| graph.attempt(id).unwrap().state.name()).collect())
    }
}
