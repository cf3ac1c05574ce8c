//! What `release` promises.

use super::trial::{Trial, refused};
use super::watching::Watching;
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure};
use crate::executor::{Executor, ExecutorErrorKind, Phase};

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
    for moment in 0..MOMENTS {
        let (_, held) = Watching::open(&trial.executor).await?;
        let others = held.contains_key(&kept.attempt_id);
        ensure(others, "releasing one attempt made the executor forget another")?;
        if !held.contains_key(&released.attempt_id) {
            return Ok(());
        }
        // No watch says that a released attempt is forgotten, so another attempt's run stands for the moment.
        trial.finish(&format!("moment-{moment}"), Plan::Succeed).await?;
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
