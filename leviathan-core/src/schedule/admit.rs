//! `admit`: whether a task may start now, and why not.

use crate::backlog::TaskStatus;
use crate::graph::{ForgeUnknown, Graph, TaskKey, TaskState};
use crate::id::{ActorId, AttemptId, TaskId};
use crate::{Timestamp, format_timestamp};
use std::fmt;

/// Why a task is not started, and so what would let it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blocked {
    /// There is no such task.
    Unknown,
    /// The backlog does not say `ready: true`.
    NotReady,
    /// The backlog itself says that somebody has it in hand, or that it waits.
    BacklogStatus(TaskStatus),
    /// It vanished from the backlog.
    Removed,
    /// A task that it depends on is not completed.
    WaitsFor {
        /// That task.
        task: TaskId,
        /// Whether that task vanished from the backlog, so that it will not be completed by itself.
        removed: bool,
    },
    /// Its last attempt failed; it is tried again at this time.
    BackingOff {
        /// That time.
        until: Timestamp,
    },
    /// An attempt of it is open.
    InProgress(AttemptId),
    /// The work of this attempt waits to be merged.
    AwaitingMerge(AttemptId),
    /// It is done.
    Completed,
    /// Its tries are used up; an operator may let it be retried.
    Failed(String),
    /// It waits for an operator.
    Blocked(String),
    /// As many attempts are open as may be at once.
    RunningLimit {
        /// How many are open.
        running: usize,
    },
    /// An operator must set something right and resume the target.
    TargetPaused {
        /// What to look at.
        reason: String,
        /// Who paused it.
        by: ActorId,
    },
    /// The forge does not say how the target's pull requests stand, so nobody knows how many are open.
    ForgeUnknown {
        /// Since when.
        since: Timestamp,
        /// What went wrong.
        reason: String,
    },
    /// The target's backlog was not read yet, so there is no commit to start from.
    NotSynced,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "there is no such task"),
            Self::NotReady => write!(f, "the backlog does not say ready: true"),
            Self::BacklogStatus(status) => write!(f, "the backlog says status: {}", status.as_str()),
            Self::Removed => write!(f, "it was removed from the backlog"),
            Self::WaitsFor { task, removed: false } => write!(f, "waits for {task}"),
            Self::WaitsFor { task, removed: true } => write!(f, "waits for {task} (removed)"),
            Self::BackingOff { until } => write!(f, "backing off until {}", format_timestamp(*until)),
            Self::InProgress(attempt) => write!(f, "{attempt} is open"),
            Self::AwaitingMerge(attempt) => write!(f, "the work of {attempt} waits to be merged"),
            Self::Completed => write!(f, "it is completed"),
            Self::Failed(reason) | Self::Blocked(reason) => f.write_str(reason),
            Self::RunningLimit { running } => write!(f, "{running} attempts are open, which is the limit"),
            Self::TargetPaused { reason, by } => write!(f, "the target was paused by {by}: {reason}"),
            Self::ForgeUnknown { since, reason } => {
                write!(f, "the forge has not answered since {}: {reason}", format_timestamp(*since))
            }
            Self::NotSynced => write!(f, "the target's backlog was not read yet"),
        }
    }
}

/// The one judgement of whether a task may start at `now`. [`next`](super::next) uses it, `decide` uses it again at the
/// log's real head, and the API explains with it.
///
/// # Errors
/// [`Blocked`] with the first thing that stands in the way; what concerns the task itself goes before what concerns
/// its target, and that before what concerns the whole log.
pub fn admit(graph: &Graph, key: &TaskKey, now: Timestamp) -> Result<(), Blocked> {
    let task = graph.task(key).ok_or(Blocked::Unknown)?;
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
    if let Some(dependency) = graph.unmet_dependency(task) {
        let other = graph.task(&TaskKey::new(key.target_id.clone(), dependency.clone()));
        let removed = other.is_some_and(|task| task.removed);
        return Err(Blocked::WaitsFor { task: dependency.clone(), removed });
    }
    let target = graph.target(&key.target_id).ok_or(Blocked::Unknown)?;
    if let Some(pause) = &target.paused {
        return Err(Blocked::TargetPaused { reason: pause.reason.clone(), by: pause.by.clone() });
    }
    if let Some(unknown) = &target.forge_unknown {
        let ForgeUnknown { since, reason } = unknown.clone();
        return Err(Blocked::ForgeUnknown { since, reason });
    }
    if let Some(until) = task.retry_due.filter(|due| *due > now) {
        return Err(Blocked::BackingOff { until });
    }
    if target.commit.is_none() {
        return Err(Blocked::NotSynced);
    }
    let running = graph.open_count();
    if running >= graph.limits().max_running.get() as usize {
        return Err(Blocked::RunningLimit { running });
    }
    Ok(())
}
