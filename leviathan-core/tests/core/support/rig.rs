//! `Rig`: a ledger with a backlog, and an executor for it.

use super::executor::TestExecutor;
use super::host::{Host, TokioClock};
use super::store::TestStore;
use futures::{StreamExt, future};
use leviathan_core::executor::{AttemptResult, Observation};
use leviathan_core::graph::AttemptState;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Position;
use leviathan_core::{Scheduler, SchedulerError, Until};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// A ledger with a backlog, and an executor for it.
pub(crate) struct Rig {
    pub(crate) store: Arc<TestStore>,
    pub(crate) host: Host,
    pub(crate) executor: Arc<TestExecutor>,
}

impl Rig {
    pub(crate) async fn new<'a>(
        tasks: impl IntoIterator<Item = &'a str>,
        max_running: u32,
        executor: impl FnOnce(&Arc<TokioClock>) -> TestExecutor,
    ) -> Self {
        let store = TestStore::new();
        let host = Host::with(store.clone(), tasks, max_running).await;
        let executor = Arc::new(executor(&host.clock));
        Self { store, host, executor }
    }

    pub(crate) fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.host.ledger.clone(), self.executor.clone(), self.host.clock.clone())
    }

    /// Another host of the same log and the same executor.
    pub(crate) async fn other(&self) -> Self {
        let store = TestStore::over(self.store.log().clone());
        let host = Host::open(store.clone(), &self.host.clock).await;
        Self { store, host, executor: self.executor.clone() }
    }

    /// Where the term began that the log is in.
    pub(crate) fn led_since(&self) -> Option<Position> {
        self.host.ledger.read(|graph| graph.leader().map(|leader| leader.since))
    }

    /// Runs a scheduler until it says that there is nothing left to do.
    pub(crate) async fn run(&self, until: Until) {
        soon(self.scheduler().run(until, future::pending())).await.unwrap();
    }

    pub(crate) fn spawn(&self, until: Until) -> JoinHandle<Result<(), SchedulerError>> {
        let scheduler = self.scheduler();
        tokio::spawn(async move { scheduler.run(until, future::pending()).await })
    }

    /// Returns once something is so in the graph.
    pub(crate) async fn wait(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let so = async {
            loop {
                let position = self.host.ledger.read(|graph| graph.head().position);
                if is_so(self) {
                    return;
                }
                self.host.ledger.moved_past(position).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(86_400), so).await.is_ok(), "never: {what}");
    }

    pub(crate) async fn running(&self, task: &str) -> AttemptId {
        let state = |rig: &Self| {
            let last = rig.host.attempts(task).last().cloned()?;
            rig.host
                .ledger
                .read(|graph| (graph.attempt(&last)?.state == AttemptState::Running).then_some(last.clone()))
        };
        self.wait(task, |rig| state(rig).is_some()).await;
        state(self).unwrap()
    }

    /// How many events of a type there are.
    pub(crate) async fn recorded(&self, kind: &str) -> usize {
        self.store.kinds().await.iter().filter(|other| *other == kind).count()
    }

    /// That a reader of the log sees what everybody saw live, and that nothing is left with the executor.
    pub(crate) async fn is_settled(&self) {
        let again = Host::open(self.store.clone(), &self.host.clock).await;
        assert_eq!(again.digest(), self.host.digest());
        let held: Vec<_> = leviathan_core::executor::Executor::watch(&*self.executor)
            .map(Result::unwrap)
            .take_while(|seen| future::ready(*seen != Observation::Synced))
            .collect()
            .await;
        assert!(held.is_empty(), "left with the executor: {held:?}");
    }
}

/// What `future` gives, if it does within a day of the tests' time.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(86_400), future).await {
        Ok(value) => value,
        Err(_) => panic!("it did not end within a day"),
    }
}

pub(crate) fn done() -> AttemptResult {
    AttemptResult::succeeded("done")
}
