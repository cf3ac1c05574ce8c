//! What the scheduler does in the world, each effect a future of its own, so that a slow one holds up no other.

use super::Scheduler;
use super::term::Term;
use crate::Timestamp;
use crate::decide::Command;
use crate::executor::{Cause, End, ExecutorError, ExecutorErrorKind, Phase, Sighting};
use crate::graph::TaskKey;
use crate::id::AttemptId;
use crate::ledger::{Receipt, SubmitError};
use crate::log::Position;
use crate::schedule::Decision;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::Duration;

/// How long to wait before something that did not work is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of an effect.
pub(super) enum Done {
    /// A candidacy was answered: with a receipt, or refused.
    Stood(Option<Receipt>),
    /// An attempt was opened, or it was not, as the state has moved on.
    Started,
    /// A decision about an attempt was carried out.
    Carried(Decision),
    /// It was not. It will be decided again, if it still holds.
    Failed(Decision),
    /// The log's head was asked for at a time, and read unless the store did not answer.
    HeadRead(Timestamp, Option<Position>),
}

/// Stands for election.
pub(super) fn stand(scheduler: &Scheduler, candidacy: Command) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move { Done::Stood(scheduler.submit_or_pause(candidacy).await) }.boxed()
}

/// Opens an attempt.
pub(super) fn start(scheduler: &Scheduler, term: Term, task: TaskKey) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move {
        let executor = scheduler.executor.name().clone();
        let command = Command::StartAttempt { task, executor, leadership: Some(term.since) };
        #[cfg(feature = "sabotage")]
        super::sabotage::launch_before(&scheduler, &command).await;
        scheduler.submit_or_pause(command).await;
        Done::Started
    }
    .boxed()
}

/// Asks the store where the log ends.
pub(super) fn read_head(scheduler: &Scheduler) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move {
        let asked = scheduler.clock.now();
        match scheduler.ledger.read_head().await {
            Ok(head) => Done::HeadRead(asked, Some(head)),
            Err(error) => {
                tracing::warn!(%error, "where the log ends can't be read for now");
                scheduler.clock.sleep(PAUSE).await;
                Done::HeadRead(asked, None)
            }
        }
    }
    .boxed()
}

/// Carries out a decision about an attempt.
pub(super) fn carry_out(scheduler: &Scheduler, term: Term, decision: Decision) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move {
        match try_carry_out(&scheduler, term, &decision).await {
            Ok(()) => Done::Carried(decision),
            Err(error) => {
                tracing::warn!(attempt = %decision.attempt_id(), %error, "will be tried again");
                scheduler.clock.sleep(PAUSE).await;
                Done::Failed(decision)
            }
        }
    }
    .boxed()
}

#[derive(Debug, thiserror::Error)]
enum EffectError {
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

async fn try_carry_out(scheduler: &Scheduler, term: Term, decision: &Decision) -> Result<(), EffectError> {
    let Scheduler { ledger, executor, clock, .. } = scheduler;
    let leadership = Some(term.since);
    let observe = |sighting| Command::Observe { executor: executor.name().clone(), sighting, leadership };
    let launched =
        |attempt: &AttemptId, phase| observe(Sighting { attempt_id: attempt.clone(), phase, job_name: None });
    let command = match decision {
        Decision::Launch { spec, created } => {
            match term.bound(&**clock, executor.launch(spec, created)).await {
                Ok(()) => launched(&spec.attempt_id, Phase::Submitted),
                Err(error) if error.kind() == ExecutorErrorKind::Unavailable => return Err(error.into()),
                Err(error) => launched(&spec.attempt_id, Phase::Finished(Box::new(refused(&error)))),
            }
        }
        Decision::Record(sighting) => observe(sighting.clone()),
        Decision::RecordLost(attempt) => Command::Lose {
            executor: executor.name().clone(),
            attempt: attempt.clone(),
            detail: format!("executor {} does not know it any more", executor.name()),
            leadership,
        },
        Decision::Cancel(attempt) => {
            return Ok(term.bound(&**clock, executor.cancel(attempt, scheduler.cancel_grace)).await?);
        }
        Decision::Release(attempt) => {
            return Ok(term.bound(&**clock, executor.release(attempt)).await?);
        }
    };
    ledger.submit(command).await?;
    Ok(())
}

/// The end of an attempt that its executor will never run.
fn refused(error: &ExecutorError) -> End {
    End { cause: Some(Cause::ConfigError), detail: Some(error.to_string()), ..End::default() }
}

impl Scheduler {
    /// Submits a command whose refusal only says that the state has moved on.
    async fn submit_or_pause(&self, command: Command) -> Option<Receipt> {
        match self.ledger.submit(command).await {
            Ok(receipt) => Some(receipt),
            Err(error) => {
                tracing::debug!(%error, "the scheduler was refused");
                self.clock.sleep(PAUSE).await;
                None
            }
        }
    }
}
