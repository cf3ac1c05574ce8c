//! What `release` promises.

use super::trial::{Trial, refused};
use super::watching::Watching;
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure, poll_times};
use crate::executor::{Executor, ExecutorErrorKind, Phase};
use crate::id::AttemptId;
use std::collections::BTreeMap;

/// How many attempts may end before a released one is forgotten.
const MOMENTS: usize = 20;

/// A finished attempt is in the opening of every watch, with the same end, until it is released.
///
/// # Errors
/// [`Violation`].
pub async fn outcome_waits_for_release<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let mut ends = Vec::new();
    for plan in [Plan::Succeed, Plan::Fail] {
        let (spec, end) = trial.finish(plan.name(), plan).await?;
        ends.push((spec.attempt_id, Phase::Finished(end)));
    }
    for _ in 0..3 {
        let (_, held) = Watching::open(&trial.executor).await?;
        for (attempt, end) in &ends {
            let kept = held.get(attempt);
            let same = kept == Some(end);
            ensure(same, format_args!("{attempt} was {end:?}, a later watch opens with {kept:?}"))?;
        }
    }
    Ok(())
}

/// What was released is held no more, and nothing else is forgotten. It may take the executor a moment.
///
/// # Errors
/// [`Violation`].
pub async fn release_forgets<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let (released, _) = trial.finish("released", Plan::Succeed).await?;
    let (kept, _) = trial.finish("kept", Plan::Succeed).await?;
    trial.executor.release(&released.attempt_id).await?;
    let held = forgets(&mut trial, &released.attempt_id).await?;
    ensure(held.contains_key(&kept.attempt_id), "releasing one attempt made the executor forget another")
}

/// Goes on once the released attempt is held no more, and what else is held then.
async fn forgets<H: ExecutorHarness>(
    trial: &mut Trial<'_, H>,
    released: &AttemptId,
) -> Result<BTreeMap<AttemptId, Phase>, Violation> {
    for moment in 0..MOMENTS {
        let (_, held) = Watching::open(&trial.executor).await?;
        if !held.contains_key(released) {
            return Ok(held);
        }
        // No watch has to say that a released attempt is forgotten, so another attempt's run stands for the moment.
        trial.finish(&format!("after-{released}-{moment}"), Plan::Succeed).await?;
    }
    Err(Violation::new("an attempt that was released is still held"))
}

/// An attempt that has not finished cannot be released: that is `Rejected`, and the attempt goes on.
///
/// # Errors
/// [`Violation`].
pub async fn release_of_an_unfinished_attempt_is_refused<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let running = trial.hang("running").await?;
    let answer = trial.executor.release(&running.attempt_id).await;
    refused(answer, ExecutorErrorKind::Rejected, "releasing an attempt that runs")?;
    trial.stop(&running).await.map(drop)
}

/// Releasing an attempt that the executor does not know is no error, so a release can be asked for again.
///
/// # Errors
/// [`Violation`].
pub async fn release_of_an_unknown_attempt_is_no_error<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let trial = Trial::begin(harness).await?;
    let unknown = trial.spec("unknown", Plan::Succeed)?;
    Ok(trial.executor.release(&unknown.attempt_id).await?)
}

/// A release whose future is dropped, wherever it stands, is finished by the next one.
///
/// # Errors
/// [`Violation`].
pub async fn a_dropped_release_is_finished_by_a_repeated_one<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    for polls in 0..8 {
        let (released, _) = trial.finish(&format!("dropped-{polls}"), Plan::Succeed).await?;
        if let Some(answer) = poll_times(polls, trial.executor.release(&released.attempt_id)).await {
            answer?;
        }
        trial.executor.release(&released.attempt_id).await?;
        forgets(&mut trial, &released.attempt_id).await?;
    }
    Ok(())
}
