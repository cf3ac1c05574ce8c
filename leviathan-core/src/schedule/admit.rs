//! `admit`: whether a task may start now, and why not.

use super::Blocked;
use crate::Timestamp;
use crate::backlog::TaskStatus;
use crate::graph::{Circuit, ForgeUnknown, Graph, Target, Task, TaskKey, TaskState};

/// The one judgement of whether a task may start at `now`. [`next`](super::next()) uses it, `decide` uses it again at the
/// log's real head, and the API explains with it.
///
/// # Errors
/// [`Blocked`] with the first thing that stands in the way; what concerns the task itself goes before what concerns
/// its target, and that before what concerns the whole log.
pub fn admit(graph: &Graph, key: &TaskKey, now: Timestamp) -> Result<(), Blocked> {
    let task = graph.task(key).ok_or(Blocked::Unknown)?;
    itself(graph, task)?;
    let target = graph.target(&key.target_id).ok_or(Blocked::Unknown)?;
    if let Some(outside) = target.limits.outside_prefixes(&task.fields.allowed_paths) {
        return Err(Blocked::OutsidePrefixes(outside));
    }
    its_target(target)?;
    if let Some(due) = task.retry_due.filter(|due| *due > now) {
        let latest = now.checked_add_signed(longest_wait(graph)).unwrap_or(due);
        return Err(Blocked::BackingOff { until: due.min(latest) });
    }
    limits_of_target(graph, target, key, now)?;
    limits_of_log(graph, now)
}

/// What the task's own state and the backlog say.
fn itself(graph: &Graph, task: &Task) -> Result<(), Blocked> {
    match &task.state {
        _ if task.is_completed() => return Err(Blocked::Completed),
        TaskState::InProgress(attempt) => return Err(Blocked::InProgress(attempt.clone())),
        TaskState::AwaitingMerge(attempt) => return Err(Blocked::AwaitingMerge(attempt.clone())),
        TaskState::Failed(reason) => return Err(Blocked::Failed(reason.clone())),
        TaskState::Blocked(reason) => return Err(Blocked::Blocked(reason.clone())),
        TaskState::Pending | TaskState::Completed => {}
    }
    if task.removed {
        return Err(Blocked::Removed);
    }
    if task.fields.status != TaskStatus::Pending {
        return Err(Blocked::BacklogStatus(task.fields.status));
    }
    if !task.fields.ready {
        return Err(Blocked::NotReady);
    }
    let Some(dependency) = graph.unmet_dependency(task) else { return Ok(()) };
    if let Some(cycle) = graph.cycle_of(task) {
        return Err(Blocked::Cycle(cycle));
    }
    let other = graph.task(&TaskKey::new(task.key.target_id.clone(), dependency.clone()));
    let removed = other.is_some_and(|task| task.removed);
    Err(Blocked::WaitsFor { task: dependency.clone(), removed })
}

/// What holds the target up, however little of it runs.
fn its_target(target: &Target) -> Result<(), Blocked> {
    if let Some(pause) = &target.paused {
        return Err(Blocked::TargetPaused { reason: pause.reason.clone(), by: pause.by.clone() });
    }
    if let Some(unknown) = &target.forge_unknown {
        let ForgeUnknown { since, reason } = unknown.clone();
        return Err(Blocked::ForgeUnknown { since, reason });
    }
    match target.commit {
        Some(_) => Ok(()),
        None => Err(Blocked::NotSynced),
    }
}

fn limits_of_target(graph: &Graph, target: &Target, key: &TaskKey, now: Timestamp) -> Result<(), Blocked> {
    let failures = target.streak.failures;
    match target.circuit(graph.limits(), now) {
        Circuit::Open { until } => return Err(Blocked::CircuitOpen { failures, until }),
        Circuit::HalfOpen => {
            if let Some(attempt) = graph.first_running(&target.target_id).cloned() {
                return Err(Blocked::CircuitHalfOpen { failures, attempt });
            }
        }
        Circuit::Closed => {}
    }
    let running = graph.running(&target.target_id);
    if let Some(limit) = target.max_running(graph.limits()).filter(|limit| running >= *limit) {
        return Err(Blocked::TargetRunningLimit { running, limit });
    }
    if let Some(limit) = target.max_open_prs() {
        let others = graph.occupied_by_others(key);
        if others >= limit {
            return Err(Blocked::OpenPrLimit { others, limit });
        }
    }
    match graph.target_budget_lacks(target, now) {
        Some((short, until)) => Err(Blocked::Budget { of: Some(target.target_id.clone()), short, until }),
        None => Ok(()),
    }
}

fn limits_of_log(graph: &Graph, now: Timestamp) -> Result<(), Blocked> {
    if let Some((short, until)) = graph.budget_lacks(now) {
        return Err(Blocked::Budget { of: None, short, until });
    }
    let (running, limit) = (graph.open_count(), graph.limits().max_running.get() as usize);
    if running >= limit { Err(Blocked::RunningLimit { running, limit }) } else { Ok(()) }
}

fn longest_wait(graph: &Graph) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(graph.limits().retry.longest_wait()).unwrap_or(chrono::TimeDelta::MAX)
}
