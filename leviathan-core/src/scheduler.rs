//! The scheduler: asks the graph what to do and tells the executor, over and over.
//!
//! Effects follow the state of the graph, not the event that was just written, so that start-up and steady state are one
//! path. Intent is recorded before its effect: an attempt is durable before it is launched, its outcome before it is
//! released.

mod driver;
mod effect;
mod watching;

use crate::clock::Clock;
use crate::decide::Command;
use crate::executor::Executor;
use crate::id::{AttemptId, TargetId};
use crate::ledger::{Ledger, SubmitError};
use crate::limits::Limits;
use crate::schedule::RetryPolicy;
use crate::target::TargetConfig;
use driver::Driver;
use futures::future;
use std::sync::Arc;
use std::time::Duration;

/// How long an attempt that is told to stop has before it is killed, unless the scheduler is told otherwise.
const CANCEL_GRACE: Duration = Duration::from_secs(30);

/// Drives one executor by one log.
#[derive(Debug, Clone)]
pub struct Scheduler {
    ledger: Ledger,
    executor: Arc<dyn Executor>,
    clock: Arc<dyn Clock>,
    only: Option<TargetId>,
    cancel_grace: Duration,
}

/// When a scheduler has done enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// At most one attempt was started and has ended. One that was open already is that one.
    Once,
    /// Nothing is open and nothing can start, also not later by itself.
    Idle,
    /// Never.
    Stopped,
}

/// Why a scheduler stopped by itself.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SchedulerError {
    /// The ledger has stopped: open the log again, and go on from there.
    #[error("the scheduler can't go on: {0}")]
    LedgerStopped(String),
    /// What the scheduler was configured with was not recorded.
    #[error("the scheduler could not begin: {0}")]
    Submit(#[from] SubmitError),
}

impl Scheduler {
    /// A scheduler of every target of the ledger's log.
    pub fn new(ledger: Ledger, executor: Arc<dyn Executor>, clock: Arc<dyn Clock>) -> Self {
        Self { ledger, executor, clock, only: None, cancel_grace: CANCEL_GRACE }
    }

    /// Starts attempts of this target only. What is open of others is still seen to its end.
    #[must_use]
    pub fn only(self, target: TargetId) -> Self {
        Self { only: Some(target), ..self }
    }

    /// How long an attempt that is told to stop has before it is killed; else 30 seconds.
    #[must_use]
    pub fn with_cancel_grace(self, cancel_grace: Duration) -> Self {
        Self { cancel_grace, ..self }
    }

    /// Puts a retry policy in force for the whole log.
    ///
    /// # Errors
    /// [`SchedulerError::Submit`] if it was not recorded.
    pub async fn set_retry_policy(&self, retry: RetryPolicy) -> Result<(), SchedulerError> {
        let limits = self.ledger.read(|graph| Limits { retry, ..*graph.limits() });
        let reason = "the scheduler was started with this retry policy".to_owned();
        self.ledger.submit(Command::ChangeLimits { limits, reason }).await?;
        Ok(())
    }

    /// Registers a target, starts at most one attempt of it, and waits for its end. Tells which attempt it was.
    ///
    /// The target's backlog must have been synced before, with [`Command::SyncBacklog`].
    ///
    /// # Errors
    /// [`SchedulerError`]; what is running goes on all the same.
    pub async fn run_once(&self, target: &TargetConfig) -> Result<Option<AttemptId>, SchedulerError> {
        self.ledger.submit(Command::RegisterTarget(target.clone())).await?;
        let scheduler = self.clone().only(target.target_id.clone());
        Driver::new(&scheduler, Until::Once).run(future::pending()).await
    }

    /// Schedules until there is nothing left to do as `until` says, or `shutdown` ends.
    ///
    /// Running attempts are left running at shutdown: the next scheduler adopts them.
    ///
    /// # Errors
    /// [`SchedulerError`]; what is running goes on all the same.
    pub async fn run(
        &self,
        until: Until,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), SchedulerError> {
        Driver::new(self, until).run(shutdown).await.map(drop)
    }
}
