//! What the scheduler does in the world, each effect a future of its own, so that a slow one holds up no other.

use super::Scheduler;
use crate::decide::Command;
use crate::executor::{Cause, End, ExecutorError, ExecutorErrorKind, Phase, Sighting};
use crate::graph::TaskKey;
use crate::id::AttemptId;
use crate::ledger::SubmitError;
use crate::schedule::Decision;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::Duration;

/// How long to wait before something that did not work is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of an effect.
pub(super) enum Done {
    /// An attempt was opened.
    Started,
    /// It was not; the state has moved on.
    NotStarted,
    /// A decision about an attempt was carried out.
    Carried(Decision),
    /// It was not. It will be decided again, if it still holds.
    Failed(Decision),
}

/// Opens an attempt.
pub(super) fn start(scheduler: &Scheduler, task: TaskKey) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move {
        let executor = scheduler.executor.name().clone();
        match scheduler.ledger.submit(Command::StartAttempt { task, executor, leadership: None }).await {
            Ok(_) => Done::Started,
            Err(error) => {
                tracing::debug!(%error, "an attempt was not started");
                scheduler.clock.sleep(PAUSE).await;
                Done::NotStarted
            }
        }
    }
    .boxed()
}

/// Carries out a decision about an attempt.
pub(super) fn carry_out(scheduler: &Scheduler, decision: Decision) -> BoxFuture<'static, Done> {
    let scheduler = scheduler.clone();
    async move {
        match try_carry_out(&scheduler, &decision).await {
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

async fn try_carry_out(scheduler: &Scheduler, decision: &Decision) -> Result<(), EffectError> {
    let Scheduler { ledger, executor, .. } = scheduler;
    let observe = |attempt: &AttemptId, phase| Command::Observe {
        executor: executor.name().clone(),
        sighting: Sighting { attempt_id: attempt.clone(), phase, job_name: None },
        leadership: None,
    };
    let command = match decision {
        Decision::Launch { spec, created } => match executor.launch(spec, created).await {
            Ok(()) => observe(&spec.attempt_id, Phase::Submitted),
            Err(error) if error.kind() == ExecutorErrorKind::Unavailable => return Err(error.into()),
            Err(error) => observe(&spec.attempt_id, Phase::Finished(Box::new(refused(&error)))),
        },
        Decision::Record(sighting) => Command::Observe {
            executor: executor.name().clone(),
            sighting: sighting.clone(),
            leadership: None,
        },
        Decision::RecordLost(attempt) => Command::Lose {
            executor: executor.name().clone(),
            attempt: attempt.clone(),
            detail: format!("executor {} does not know it any more", executor.name()),
            leadership: None,
        },
        Decision::Cancel(attempt) => return Ok(executor.cancel(attempt, scheduler.cancel_grace).await?),
        Decision::Release(attempt) => return Ok(executor.release(attempt).await?),
    };
    ledger.submit(command).await?;
    Ok(())
}

/// The end of an attempt that its executor will never run.
fn refused(error: &ExecutorError) -> End {
    End { cause: Some(Cause::ConfigError), detail: Some(error.to_string()), ..End::default() }
}
