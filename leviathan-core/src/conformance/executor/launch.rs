//! What `launch` promises.

use super::trial::{CREATED, Trial, began_once, refused};
use super::watching::Watching;
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure, poll_times};
use crate::executor::{AttemptSpec, Executor, ExecutorErrorKind, Observation, Phase};

/// Launching again is harmless, while the attempt runs and after it finished: its run begins once. A harness that cannot
/// count leaves that open while the attempt runs; but one that finished must stay so.
///
/// # Errors
/// [`Violation`].
pub async fn launch_twice_starts_once<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let running = trial.spec("running", Plan::Hang)?;
    trial.launch(&running).await?;
    trial.launch(&running).await?;
    trial.watch.runs(&running.attempt_id).await?;
    trial.launch(&running).await?;
    let (finished, _) = trial.finish("finished", Plan::Succeed).await?;
    trial.launch(&finished).await?;
    // By the end of an attempt launched later, a second run would have begun.
    let later = trial.spec("later", Plan::Succeed)?;
    trial.launch(&later).await?;
    for seen in trial.watch.until_finished(&later.attempt_id).await? {
        let Observation::Held(seen) = seen else { continue };
        let again = seen.attempt_id == finished.attempt_id && !matches!(seen.phase, Phase::Finished(_));
        let counted = harness.starts(&finished.attempt_id).is_some();
        ensure(counted || !again, format_args!("a finished attempt was launched again, and is {seen:?}"))?;
    }
    trial.stop(&running).await?;
    began_once(harness, &finished.attempt_id)?;
    began_once(harness, &running.attempt_id)
}

/// An attempt that is held, running or finished, cannot be launched with another spec: that is a `Conflict`.
///
/// # Errors
/// [`Violation`].
pub async fn another_spec_is_refused<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let running = trial.hang("running").await?;
    let (finished, _) = trial.finish("finished", Plan::Succeed).await?;
    for spec in [&running, &finished] {
        let other = AttemptSpec { base_commit: "f".repeat(40), ..spec.clone() };
        let answer = trial.executor.launch(&other, &CREATED).await;
        refused(answer, ExecutorErrorKind::Conflict, "launching an attempt with another spec")?;
    }
    trial.stop(&running).await.map(drop)
}

/// A launch whose future is dropped, wherever it stands, is finished by the next one, and the run begins once.
///
/// # Errors
/// [`Violation`].
pub async fn a_dropped_launch_is_finished_by_a_repeated_one<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    for polls in 0..8 {
        let spec = trial.spec(&format!("dropped-{polls}"), Plan::Hang)?;
        if let Some(answer) = poll_times(polls, trial.executor.launch(&spec, &CREATED)).await {
            answer?;
        }
        trial.launch(&spec).await?;
        trial.watch.runs(&spec.attempt_id).await?;
        trial.stop(&spec).await?;
        began_once(harness, &spec.attempt_id)?;
    }
    Ok(())
}

/// What a launch that returned made is in the opening of every watch that begins after it, however far it has come.
///
/// # Errors
/// [`Violation`].
pub async fn what_is_launched_is_seen_by_a_later_watch<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let mut launched = Vec::new();
    for (name, plan) in [("succeeds", Plan::Succeed), ("fails", Plan::Fail), ("hangs", Plan::Hang)] {
        let spec = trial.spec(name, plan)?;
        trial.launch(&spec).await?;
        launched.push(spec);
        let (_, held) = Watching::open(&trial.executor).await?;
        for AttemptSpec { attempt_id, .. } in &launched {
            ensure(
                held.contains_key(attempt_id),
                format_args!("{attempt_id} was launched, and a watch begun later opens without it"),
            )?;
        }
    }
    trial.stop(&launched[2]).await.map(drop)
}
