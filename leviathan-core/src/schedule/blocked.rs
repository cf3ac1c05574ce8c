//! `Blocked`: why a task is not started, and what would let it.

use crate::backlog::{Cycle, TaskStatus};
use crate::id::{ActorId, AttemptId, TargetId, TaskId};
use crate::limits::{OutsidePrefixes, Shortfall};
use crate::{Timestamp, format_timestamp};
use std::fmt;

/// Why a task is not started. Shown as a sentence; [`lifted_by`](Self::lifted_by) says what would let it.
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
    /// It waits for itself: each of these tasks depends on the next, and the last on the first, which is this one.
    Cycle(Cycle),
    /// A task that it depends on is not completed.
    WaitsFor {
        /// That task.
        task: TaskId,
        /// Whether that task vanished from the backlog, so that it will not be completed by itself.
        removed: bool,
    },
    /// It may touch what the target's limits do not let it.
    OutsidePrefixes(OutsidePrefixes),
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
    /// The target only failed of late.
    CircuitOpen {
        /// How often in a row.
        failures: u32,
        /// When one attempt may go.
        until: Timestamp,
    },
    /// The target only failed of late, and one attempt shows whether it goes on.
    CircuitHalfOpen {
        /// How often in a row it failed.
        failures: u32,
        /// That attempt.
        attempt: AttemptId,
    },
    /// As many attempts of the target are open as may be at once.
    TargetRunningLimit {
        /// How many are open.
        running: usize,
        /// How many may be.
        limit: usize,
    },
    /// As many other tasks of the target have an open pull request or an open attempt as may at once.
    OpenPrLimit {
        /// How many do.
        others: usize,
        /// How many may.
        limit: usize,
    },
    /// As many attempts are open, over all targets, as may be at once.
    RunningLimit {
        /// How many are open.
        running: usize,
        /// How many may be.
        limit: usize,
    },
    /// The day's budget does not have enough for one more attempt.
    Budget {
        /// The target whose budget it is; nothing for that of the whole log.
        of: Option<TargetId>,
        /// What is lacking.
        short: Shortfall,
        /// When the day ends.
        until: Timestamp,
    },
}

/// Writes the names down once, for one reason and for all of them.
macro_rules! names {
    ($($reason:pat => $name:literal,)*) => {
        impl Blocked {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Its name in the API and in figures.
            pub fn name(&self) -> &'static str {
                match self {
                    $($reason => $name,)*
                }
            }
        }
    };
}

names! {
    Self::Unknown => "unknown",
    Self::NotReady => "not_ready",
    Self::BacklogStatus(_) => "backlog_status",
    Self::Removed => "removed",
    Self::Cycle(_) => "cycle",
    Self::WaitsFor { .. } => "waits_for",
    Self::OutsidePrefixes(_) => "outside_prefixes",
    Self::BackingOff { .. } => "backing_off",
    Self::InProgress(_) => "in_progress",
    Self::AwaitingMerge(_) => "awaiting_merge",
    Self::Completed => "completed",
    Self::Failed(_) => "failed",
    Self::Blocked(_) => "blocked",
    Self::TargetPaused { .. } => "target_paused",
    Self::ForgeUnknown { .. } => "forge_unknown",
    Self::NotSynced => "not_synced",
    Self::CircuitOpen { .. } => "circuit_open",
    Self::CircuitHalfOpen { .. } => "circuit_half_open",
    Self::TargetRunningLimit { .. } => "target_running_limit",
    Self::OpenPrLimit { .. } => "open_pr_limit",
    Self::RunningLimit { .. } => "running_limit",
    Self::Budget { .. } => "budget",
}

impl Blocked {
    /// When time alone lifts it, if it does.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::BackingOff { until } | Self::CircuitOpen { until, .. } => Some(*until),
            Self::Budget { short, until, .. } => Some(*until).filter(|_| !short.lasts()),
            _ => None,
        }
    }

    /// What would let the task start as far as this is concerned, as a sentence for a person.
    pub fn lifted_by(&self) -> &'static str {
        match self {
            Self::Unknown => "add it to the target's backlog",
            Self::NotReady => "say `ready: true` in the backlog",
            Self::BacklogStatus(_) => "say `status: pending` in the backlog",
            Self::Removed => "put it back into the backlog",
            Self::Cycle(_) => "take one of these dependencies out of the backlog",
            Self::WaitsFor { removed: false, .. } => "the completion of that task",
            Self::WaitsFor { removed: true, .. } => {
                "put that task back into the backlog, or take the dependency out"
            }
            Self::OutsidePrefixes(_) => {
                "narrow the task's allowed_paths, or widen allowed_prefixes in the target's limits"
            }
            Self::BackingOff { .. } | Self::CircuitOpen { .. } => "time",
            Self::InProgress(_) => "the end of that attempt",
            Self::AwaitingMerge(_) => "merging or closing its pull request",
            Self::Completed => "nothing: it is done",
            Self::Failed(_) | Self::Blocked(_) => "an operator's retry, once the cause is mended",
            Self::TargetPaused { .. } => "an operator's resume of the target, once the cause is mended",
            Self::ForgeUnknown { .. } => "an answer of the forge",
            Self::NotSynced => "a sync of the target's backlog",
            Self::CircuitHalfOpen { .. } => {
                "a success of that attempt, or an operator's resume of the target"
            }
            Self::TargetRunningLimit { .. } => {
                "the end of an attempt of the target, or a larger max_running in its limits"
            }
            Self::OpenPrLimit { .. } => "merging or closing a pull request, or a larger max_open_prs",
            Self::RunningLimit { .. } => "the end of an attempt, or a larger max_running in the limits",
            Self::Budget { short, .. } if short.lasts() => "a larger budget, or a smaller reservation",
            Self::Budget { .. } => "the next day, or a larger budget",
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "there is no such task"),
            Self::NotReady => write!(f, "the backlog does not say ready: true"),
            Self::BacklogStatus(status) => write!(f, "the backlog says status: {}", status.as_str()),
            Self::Removed => write!(f, "it was removed from the backlog"),
            Self::Cycle(cycle) => write!(f, "it waits for itself: {cycle}"),
            Self::WaitsFor { task, removed: false } => write!(f, "waits for {task}"),
            Self::WaitsFor { task, removed: true } => write!(f, "waits for {task} (removed)"),
            Self::OutsidePrefixes(OutsidePrefixes::NamesNone) => {
                write!(f, "it names no allowed_paths, and the target's limits allow only some")
            }
            Self::OutsidePrefixes(OutsidePrefixes::Path(path)) => {
                write!(f, "its path `{path}` is outside what the target's limits allow")
            }
            Self::BackingOff { until } => write!(f, "backing off until {}", format_timestamp(*until)),
            Self::InProgress(attempt) => write!(f, "{attempt} is open"),
            Self::AwaitingMerge(attempt) => write!(f, "the work of {attempt} waits to be merged"),
            Self::Completed => write!(f, "it is completed"),
            Self::Failed(reason) | Self::Blocked(reason) => f.write_str(reason),
            Self::TargetPaused { reason, by } => write!(f, "the target was paused by {by}: {reason}"),
            Self::ForgeUnknown { since, reason } => {
                write!(f, "the forge has not answered since {}: {reason}", format_timestamp(*since))
            }
            Self::NotSynced => write!(f, "the target's backlog was not read yet"),
            Self::CircuitOpen { failures, until } => write!(
                f,
                "the target failed {failures} times in a row: nothing of it starts until {}",
                format_timestamp(*until)
            ),
            Self::CircuitHalfOpen { failures, attempt } => {
                write!(f, "the target failed {failures} times in a row: {attempt} shows whether it goes on")
            }
            Self::TargetRunningLimit { running, limit } => {
                write!(f, "{running} attempts of the target are open, and {limit} may be")
            }
            Self::OpenPrLimit { others, limit } => write!(
                f,
                "{others} other tasks of the target have an open pull request or attempt, and {limit} may"
            ),
            Self::RunningLimit { running, limit } => {
                write!(f, "{running} attempts are open, and {limit} may be")
            }
            Self::Budget { of, short, until } => {
                match of {
                    Some(target) => write!(f, "the budget of {target} is spent: ")?,
                    None => write!(f, "the budget is spent: ")?,
                }
                write!(f, "{short}; the day ends at {}", format_timestamp(*until))
            }
        }
    }
}
