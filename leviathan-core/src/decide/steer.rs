//! What operators and hosts order: targets, limits, pauses, retries, cancels, invalidations.

use super::{Decisions, Rejection, forge};
use crate::ForgeConfig;
use crate::event::Event;
use crate::event::payload::{AttemptReason, LimitsChanged, TargetFields, TargetReason, TaskReason};
use crate::graph::{AttemptState, Circuit, Graph, TaskKey, TaskState};
use crate::id::{ActorId, AttemptId, TargetId};
use crate::limits::{Limits, TargetLimits};
use crate::target::TargetConfig;

/// Registers a target, or records in what it differs from before.
pub(super) fn register(graph: &Graph, config: &TargetConfig, decided: &mut Decisions) {
    let known = graph.target(&config.target_id);
    let limits = known.map_or_else(TargetLimits::default, |target| target.limits.clone());
    let other_forge = known.map_or(&ForgeConfig::None, |target| &target.forge) != &config.forge;
    let fields = TargetFields {
        target_id: Some(config.target_id.clone()),
        name: Some(config.target_id.to_string()),
        repo_url: Some(config.repo_url.clone()),
        default_branch: Some(config.default_branch.clone()),
        complete_on: Some(config.complete_on),
        commit: None,
        policy: None,
        limits: (config.limits != limits).then(|| config.limits.clone()),
        forge: other_forge.then(|| config.forge.clone()),
    };
    let event = match known {
        None => Event::TargetRegistered(fields),
        Some(target)
            if target.repo_url == config.repo_url
                && target.default_branch == config.default_branch
                && target.complete_on == config.complete_on
                && target.limits == config.limits
                && !other_forge =>
        {
            return;
        }
        Some(_) => Event::TargetUpdated(fields),
    };
    decided.push(ActorId::operator(), Some(&config.target_id), event);
    if other_forge {
        forge::replaced(known, config, decided);
    }
}

/// Puts other limits in force.
pub(super) fn change_limits(graph: &Graph, limits: &Limits, reason: &str, decided: &mut Decisions) {
    if graph.limits() != limits {
        let event = Event::LimitsChanged(LimitsChanged { limits: *limits, reason: reason.to_owned() });
        decided.push(ActorId::operator(), None, event);
    }
}

/// Stops starting anything of a target, or lets it go on.
pub(super) fn pause(
    graph: &Graph,
    target: &TargetId,
    paused: bool,
    reason: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let known = graph.target(target).ok_or_else(|| Rejection::UnknownTarget(target.clone()))?;
    // Resuming also closes a circuit that has tripped.
    let tripped = known.circuit(graph.limits(), decided.now) != Circuit::Closed;
    if known.paused.is_some() != paused || (tripped && !paused) {
        let fields = TargetReason { target_id: Some(target.clone()), reason: reason.to_owned() };
        let event = if paused { Event::TargetPaused(fields) } else { Event::TargetResumed(fields) };
        decided.push(ActorId::operator(), Some(target), event);
    }
    Ok(())
}

/// Lets a failed or blocked task be tried again.
pub(super) fn retry_task(
    graph: &Graph,
    key: &TaskKey,
    reason: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let task = graph.task(key).ok_or_else(|| Rejection::UnknownTask(key.clone()))?;
    if !matches!(task.state, TaskState::Failed(_) | TaskState::Blocked(_)) {
        return Err(Rejection::NothingToRetry(key.clone()));
    }
    let fields = TaskReason {
        task_id: key.task_id.clone(),
        target_id: Some(key.target_id.clone()),
        status: None,
        reason: reason.to_owned(),
    };
    decided.push(ActorId::operator(), Some(&key.target_id), Event::TaskRetried(fields));
    Ok(())
}

/// Wants an attempt to stop.
pub(super) fn cancel(
    graph: &Graph,
    id: &AttemptId,
    reason: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let attempt = graph.attempt(id).ok_or_else(|| Rejection::UnknownAttempt(id.clone()))?;
    if attempt.is_ended() {
        return Err(Rejection::AlreadyEnded(id.clone()));
    }
    if attempt.cancel_requested.is_none() {
        let target = attempt.task.as_ref().map(|task| &task.target_id);
        let fields = AttemptReason { attempt_id: id.clone(), reason: reason.to_owned() };
        decided.push(ActorId::operator(), target, Event::AttemptCancelRequested(fields));
    }
    Ok(())
}

/// Takes back what an attempt came to, or the attempt itself while it is open. Its task is done anew; but if it may still
/// run, the task first waits for an operator.
pub(super) fn invalidate(
    graph: &Graph,
    id: &AttemptId,
    reason: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let attempt = graph.attempt(id).ok_or_else(|| Rejection::UnknownAttempt(id.clone()))?;
    if matches!(attempt.state, AttemptState::Invalidated { .. }) {
        return Ok(());
    }
    let target = attempt.task.as_ref().map(|task| &task.target_id);
    let fields = AttemptReason { attempt_id: id.clone(), reason: reason.to_owned() };
    decided.push(ActorId::operator(), target, Event::AttemptInvalidated(fields));
    let in_hand = |key: &&TaskKey| graph.task(key).is_some_and(|task| task.is_in_hand_of(id));
    if let Some(key) = attempt.task.as_ref().filter(in_hand) {
        let fields = TaskReason {
            task_id: key.task_id.clone(),
            target_id: Some(key.target_id.clone()),
            status: None,
            reason: format!("{id} was invalidated while it was open: {reason}"),
        };
        decided.push(ActorId::scheduler(), Some(&key.target_id), Event::TaskBlocked(fields));
    }
    Ok(())
}
