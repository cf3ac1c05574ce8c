//! What `watch` promises.

use super::trial::{CREATED, Trial, ended_well};
use super::watching::Watching;
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure};
use crate::executor::{AttemptSpec, Executor, Observation, Phase};
use crate::id::AttemptId;
use std::collections::BTreeMap;

/// A watch says what is held, then `Synced`, once and never again; at once if nothing is held.
///
/// # Errors
/// [`Violation`].
pub async fn a_watch_opens_with_what_is_held_then_synced<H: ExecutorHarness>(
    harness: &H,
) -> Result<(), Violation> {
    let trial = Trial::begin(harness).await?;
    let mut watch = Watching::begin(&trial.executor);
    let opening = watch.next().await?;
    ensure(
        opening == Observation::Synced,
        format_args!("a watch of an executor that holds nothing opens with {opening:?}"),
    )?;
    for round in ["one", "two"] {
        let spec = trial.spec(round, Plan::Succeed)?;
        trial.launch(&spec).await?;
        let said = watch.until_finished(&spec.attempt_id).await?;
        ensure(!said.contains(&Observation::Synced), "a watch said Synced a second time")?;
        (watch, _) = Watching::open(&trial.executor).await?;
    }
    Ok(())
}

/// Within a watch, an attempt's phase never goes back. Phases may be left out, and said again.
///
/// # Errors
/// [`Violation`].
pub async fn phases_never_go_back<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let mut furthest = BTreeMap::<AttemptId, Phase>::new();
    for (name, plan) in [("succeeds", Plan::Succeed), ("fails", Plan::Fail), ("later", Plan::Succeed)] {
        let spec = trial.spec(name, plan)?;
        trial.launch(&spec).await?;
        for seen in trial.watch.until_finished(&spec.attempt_id).await? {
            let Observation::Held(seen) = seen else { continue };
            if let Some(before) = furthest.get(&seen.attempt_id) {
                let onward = before.rank() <= seen.phase.rank();
                ensure(onward, format_args!("after {before:?}, a watch saw {seen:?}"))?;
            }
            furthest.insert(seen.attempt_id, seen.phase);
        }
    }
    Ok(())
}

/// What runs is never `Submitted` in the opening of a later watch.
///
/// # Errors
/// [`Violation`].
pub async fn a_later_watch_never_goes_back<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let running = trial.hang("running").await?;
    for _ in 0..3 {
        let (_, held) = Watching::open(&trial.executor).await?;
        let back = held.get(&running.attempt_id) == Some(&Phase::Submitted);
        ensure(!back, "an attempt that ran is Submitted in the opening of a later watch")?;
    }
    trial.stop(&running).await.map(drop)
}

/// The end of an attempt tells success from failure: it is a success only with an exit code of 0, no cause, and a final
/// message, if there is one, that says so. It gives no
/// other attempt's final message.
///
/// # Errors
/// [`Violation`].
pub async fn an_end_says_how_it_came<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    for (plan, well) in [(Plan::Succeed, true), (Plan::Fail, false)] {
        let (spec, end) = trial.finish(plan.name(), plan).await?;
        let own = end.final_message.as_ref().is_none_or(|message| message.attempt_id == spec.attempt_id);
        ensure(own, format_args!("the end of {} has another attempt's final message", spec.attempt_id))?;
        let silent = end.exit_code.is_none() && end.cause.is_none() && end.final_message.is_none();
        let said = !silent && ended_well(&end) == well;
        ensure(said, format_args!("an attempt that was to {} ended as {end:?}", plan.name()))?;
    }
    Ok(())
}

/// Two watches at once each see an attempt's end, and the same one, also if one is not read until the other has.
///
/// # Errors
/// [`Violation`].
pub async fn two_watches_see_the_same_end<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let (mut slow, _) = Watching::open(&trial.executor).await?;
    for plan in [Plan::Succeed, Plan::Fail] {
        let (spec, prompt) = trial.finish(plan.name(), plan).await?;
        let late = slow.finishes(&spec.attempt_id).await?;
        ensure(prompt == late, format_args!("one watch saw {prompt:?}, the other {late:?}"))?;
    }
    Ok(())
}

/// A watch that is dropped half read takes nothing with it, and what happens while nobody watches is seen by the next.
///
/// # Errors
/// [`Violation`].
pub async fn a_dropped_watch_loses_nothing<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let mut launched = Vec::new();
    for name in ["one", "two", "three"] {
        let (spec, _) = trial.finish(name, Plan::Succeed).await?;
        launched.push(spec);
    }
    for read in 0..launched.len() {
        let mut dropped = Watching::begin(&trial.executor);
        for _ in 0..read {
            dropped.next().await?;
        }
        drop(dropped);
        let (_, held) = Watching::open(&trial.executor).await?;
        for AttemptSpec { attempt_id, .. } in &launched {
            ensure(
                held.contains_key(attempt_id),
                format_args!("{attempt_id} is lost: a watch was dropped after {read} observations"),
            )?;
        }
    }
    let unwatched = trial.spec("unwatched", Plan::Succeed)?;
    drop(trial.watch);
    trial.executor.launch(&unwatched, &CREATED).await?;
    Watching::begin(&trial.executor).finishes(&unwatched.attempt_id).await.map(drop)
}
