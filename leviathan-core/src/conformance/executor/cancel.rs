//! What `cancel` promises.

use super::trial::{LONG_GRACE, SHORT_GRACE, Trial, ended_well};
use super::watching::{Ended, Watching};
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure, poll_times};
use crate::executor::Executor;

/// An attempt that heeds being asked to stop ends after a `cancel`, long before the grace is over; asking again, also
/// after its end, is harmless.
///
/// # Errors
/// [`Violation`].
pub async fn cancel_ends_it<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let running = trial.hang("running").await?;
    for _ in 0..2 {
        trial.executor.cancel(&running.attempt_id, LONG_GRACE).await?;
    }
    trial.watch.ends(&running.attempt_id).await?;
    Ok(trial.executor.cancel(&running.attempt_id, LONG_GRACE).await?)
}

/// An attempt that does not heed being asked to stop is killed when the grace of a `cancel` is over.
///
/// # Errors
/// [`Violation`].
pub async fn cancel_kills_what_does_not_listen<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let deaf = trial.spec("deaf", Plan::Deaf)?;
    trial.launch(&deaf).await?;
    trial.watch.runs(&deaf.attempt_id).await?;
    if let Ended::Finished(end) = trial.stop(&deaf).await? {
        ensure(!ended_well(&end), format_args!("an attempt that was killed ended well: {end:?}"))?;
    }
    Ok(())
}

/// Cancelling an attempt that the executor does not know is no error, and makes nothing.
///
/// # Errors
/// [`Violation`].
pub async fn cancel_of_an_unknown_attempt_is_no_error<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let trial = Trial::begin(harness).await?;
    let unknown = trial.spec("unknown", Plan::Succeed)?;
    trial.executor.cancel(&unknown.attempt_id, SHORT_GRACE).await?;
    let (_, held) = Watching::open(&trial.executor).await?;
    ensure(held.is_empty(), format_args!("cancelling an unknown attempt made {held:?}"))
}

/// A cancel whose future is dropped, wherever it stands, is finished by the next one.
///
/// # Errors
/// [`Violation`].
pub async fn a_dropped_cancel_is_finished_by_a_repeated_one<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    for polls in 0..8 {
        let running = trial.hang(&format!("dropped-{polls}")).await?;
        if let Some(answer) = poll_times(polls, trial.executor.cancel(&running.attempt_id, SHORT_GRACE)).await
        {
            answer?;
        }
        trial.executor.cancel(&running.attempt_id, SHORT_GRACE).await?;
        trial.watch.ends(&running.attempt_id).await?;
    }
    Ok(())
}
