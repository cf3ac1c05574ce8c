//! What a restart of the host leaves.

use super::trial::{Trial, began_once};
use super::watching::{Ended, Watching};
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure, say};
use crate::executor::{Cause, Executor, Phase};
use crate::id::AttemptId;

/// A restarted host finds what it left, under the same executor's name: ends are remembered, and what runs goes on, can
/// be launched again without beginning again, and cancelled.
///
/// Where the harness says that attempts do not survive, that is printed, and they must have vanished or end as `lost`.
///
/// # Errors
/// [`Violation`].
pub async fn restart_adopts<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let (finished, end) = trial.finish("finished", Plan::Succeed).await?;
    let running = trial.hang("running").await?;
    let Trial { executor, watch, .. } = trial;
    drop(watch);
    let name = executor.name().clone();
    let reopened = harness.reopen(executor).await;
    if !harness.attempts_survive() {
        say("attempts do not survive a restart of their host: they must have vanished, or end as lost");
        let Some(executor) = reopened else { return Ok(()) };
        return is_lost(&executor, &running.attempt_id).await;
    }
    let none =
        || Violation::new("the harness says that attempts survive a restart, and opens nothing after it");
    let executor = reopened.ok_or_else(none)?;
    ensure(*executor.name() == name, format_args!("{name} is {} after a restart", executor.name()))?;

    let (watch, held) = Watching::open(&executor).await?;
    let (before, after) = (Phase::Finished(end), held.get(&finished.attempt_id));
    ensure(after == Some(&before), format_args!("{before:?} is {after:?} after a restart"))?;
    let mut trial = Trial { harness, executor, watch };
    trial.launch(&running).await?;
    if let Ended::Finished(end) = trial.stop(&running).await? {
        ensure(end.cause != Some(Cause::Lost), "an attempt that was to survive a restart ended as lost")?;
    }
    began_once(harness, &running.attempt_id)
}

async fn is_lost(executor: &impl Executor, attempt: &AttemptId) -> Result<(), Violation> {
    let (mut watch, held) = Watching::open(executor).await?;
    let end = match held.get(attempt) {
        None => return Ok(()),
        Some(Phase::Finished(end)) => end.clone(),
        Some(Phase::Submitted | Phase::Running) => match watch.ends(attempt).await? {
            Ended::Gone => return Ok(()),
            Ended::Finished(end) => end,
        },
    };
    let lost = end.cause == Some(Cause::Lost);
    ensure(lost, format_args!("an attempt that did not survive a restart ended as {end:?}"))
}
