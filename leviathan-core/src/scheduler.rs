//! The scheduler: asks the graph what to do and tells the executor, over and over.
//!
//! Effects follow the state of the graph, not the event that was just written, so that start-up and steady state are one
//! path. Intent is recorded before its effect: an attempt is durable before it is launched, its outcome before it is
//! released.
//!
//! # Who leads
//!
//! Of all schedulers of a log one leads, by an election that is an event of that log, and the others do nothing but follow
//! the log ([`Leadership`] says how it is known who). Each start and each record names the term that it belongs to, and is
//! refused once the log is in another: fencing is as atomic as the log.
//!
//! An executor can't be fenced so, and a `launch` that comes late could run again what another leader has released
//! already. So with a lease no call of the executor begins in its last quarter, by the clock that is read in the same poll,
//! and none takes longer than that quarter: whoever is elected next finds none under way. A host that is paused and wakes
//! up late finds the clock past that, and drops the call.
//!
//! Which attempts an executor holds is learnt anew in each term, by a watch that begins in it: what the leader before has
//! launched is in its opening.

mod driver;
mod effect;
mod leadership;
#[cfg(feature = "sabotage")]
mod sabotage;
mod standing;
mod term;
mod watching;

use crate::clock::Clock;
use crate::decide::Command;
use crate::executor::Executor;
use crate::id::{AttemptId, TargetId};
use crate::ledger::{Ledger, SubmitError};
use crate::limits::Limits;
use crate::log::Position;
use crate::schedule::RetryPolicy;
use crate::target::TargetConfig;
use driver::Driver;
use futures::future;
use std::sync::Arc;
use std::time::Duration;

pub use leadership::Leadership;

/// How long an attempt that is told to stop has before it is killed, unless the scheduler is told otherwise.
const CANCEL_GRACE: Duration = Duration::from_secs(30);

/// Drives one executor by one log, while it leads.
#[derive(Debug, Clone)]
pub struct Scheduler {
    ledger: Ledger,
    executor: Arc<dyn Executor>,
    clock: Arc<dyn Clock>,
    only: Option<TargetId>,
    cancel_grace: Duration,
    leadership: Leadership,
    holder: String,
}

/// When a scheduler has done enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// At most one attempt was started and has ended. One that was open already is that one.
    Once,
    /// No attempt of its executor is open and nothing can start, also not later by itself. It does not wait for attempts
    /// of other executors that fill the running limit. Known only by who leads: with a lease it waits for that.
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
    /// Another scheduler has taken over the log that this one had for itself. Two hosts hold what only one can: end this
    /// one, or let them share the log by [`Leadership::Lease`].
    #[error(
        "{holder} leads the log since position {since} (term {term}), so this scheduler has stopped; only one may lead \
         by an exclusive lock: end one of the two, or let both lead by a lease"
    )]
    Superseded {
        /// Who leads now.
        holder: String,
        /// Its term.
        term: u64,
        /// Where that began.
        since: Position,
    },
    /// What the scheduler was configured with was not recorded.
    #[error("the scheduler could not begin: {0}")]
    Submit(#[from] SubmitError),
}

impl Scheduler {
    /// A scheduler of every target of the ledger's log, by [`Leadership::Exclusive`].
    pub fn new(ledger: Ledger, executor: Arc<dyn Executor>, clock: Arc<dyn Clock>) -> Self {
        let holder = format!("the scheduler of {}", executor.name());
        let leadership = Leadership::Exclusive;
        Self { ledger, executor, clock, only: None, cancel_grace: CANCEL_GRACE, leadership, holder }
    }

    /// How it knows that no other scheduler does the same work. Whoever shares a log needs
    /// [`Lease`](Leadership::Lease).
    #[must_use]
    pub fn with_leadership(self, leadership: Leadership) -> Self {
        Self { leadership: leadership.bounded(), ..self }
    }

    /// Under which name it is elected, for instance the host's. It is for people: two schedulers of one name are still
    /// told apart, by where their terms began.
    #[must_use]
    pub fn with_holder(self, holder: impl Into<String>) -> Self {
        Self { holder: holder.into(), ..self }
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
    /// Running attempts are left running at shutdown: the next scheduler adopts them. What is just being asked of the executor
    /// or the log is given a few seconds to end; what takes longer is asked again by the next scheduler.
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
