//! `Command`: what someone wants.

use super::SeenPullRequest;
use crate::Timestamp;
use crate::backlog::Backlog;
use crate::bundle::Bundle;
use crate::executor::Sighting;
use crate::graph::TaskKey;
use crate::id::{AttemptId, ExecutorName, TargetId};
use crate::limits::Limits;
use crate::log::Position;
use crate::target::{TargetConfig, TargetPolicy};
use std::time::Duration;

/// What someone wants of the control plane. Everything that is ever recorded comes in as one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Works on a target from here on, or changes how.
    RegisterTarget(TargetConfig),
    /// Takes over a target's backlog and policy as they are at a commit of its default branch.
    SyncBacklog {
        /// The target.
        target: TargetId,
        /// The commit.
        commit: String,
        /// What the scheduler needs of the policy.
        policy: TargetPolicy,
        /// The whole backlog. Tasks that it left out for a fault stay as they are; those that it lacks were removed.
        backlog: Backlog,
    },
    /// Puts other limits in force.
    ChangeLimits {
        /// The whole of the limits.
        limits: Limits,
        /// Why.
        reason: String,
    },
    /// Stops starting anything of a target.
    PauseTarget {
        /// The target.
        target: TargetId,
        /// Why.
        reason: String,
    },
    /// Lets a paused target go on.
    ResumeTarget {
        /// The target.
        target: TargetId,
        /// Why.
        reason: String,
    },
    /// Lets a failed or blocked task be tried again.
    RetryTask {
        /// The task.
        task: TaskKey,
        /// Why.
        reason: String,
    },
    /// Wants an attempt to stop.
    CancelAttempt {
        /// The attempt.
        attempt: AttemptId,
        /// Why.
        reason: String,
    },
    /// Wants a scheduler to lead the log. The receipt's head is where its term begins, if it was not a renewal.
    Elect {
        /// Who: a name for people. The same name renews the term that it has, if that has not run out.
        holder: String,
        /// How long it leads unless it is elected again, a day at most. `None`: until another takes over.
        lease: Option<Duration>,
        /// Begins a term of its own whoever leads. Only for a host that knows by an exclusive lock that no other writes
        /// the log.
        takeover: bool,
    },
    /// Takes back what an attempt came to, or the attempt itself while it is open: its result does not count.
    InvalidateAttempt {
        /// The attempt.
        attempt: AttemptId,
        /// Why.
        reason: String,
    },
    /// Tells what the forge answered when it was asked for a target's pull requests.
    ForgeAnswered {
        /// The target.
        target: TargetId,
        /// How they stand. What is left out stays as it is.
        pull_requests: Vec<SeenPullRequest>,
    },
    /// Tells what the forge said of a pull request by itself.
    ForgeTold {
        /// The target.
        target: TargetId,
        /// How it stands.
        pull_request: SeenPullRequest,
    },
    /// Tells that the forge does not answer. Nothing of the target is started until it does.
    ForgeSilent {
        /// The target.
        target: TargetId,
        /// Its last answer, or when it was first asked in vain.
        since: Timestamp,
        /// What went wrong.
        reason: String,
    },
    /// Opens an attempt of a task.
    StartAttempt {
        /// The task.
        task: TaskKey,
        /// The executor that will run it.
        executor: ExecutorName,
        /// The position at which the term began that the scheduler was elected for.
        leadership: Option<Position>,
    },
    /// Tells what an executor saw of an attempt.
    Observe {
        /// The executor.
        executor: ExecutorName,
        /// What it saw.
        sighting: Sighting,
        /// The position at which the term began that the scheduler was elected for.
        leadership: Option<Position>,
    },
    /// Tells that an executor does not know an attempt any more.
    Lose {
        /// The executor.
        executor: ExecutorName,
        /// The attempt.
        attempt: AttemptId,
        /// A sentence for a person.
        detail: String,
        /// The position at which the term began that the scheduler was elected for.
        leadership: Option<Position>,
    },
    /// Takes a worker's events.
    Ingest(Bundle),
}

/// What a command touches. Two commands whose keys exclude each other are not decided on the same state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Who leads, as an election changes it.
    Leadership,
    /// Who leads, as a scheduler's commands rely on it. They exclude no others but elections.
    Term,
    /// The limits of the whole log, and so every start.
    Limits,
    /// A target.
    Target(TargetId),
    /// A task.
    Task(TaskKey),
    /// An attempt.
    Attempt(AttemptId),
}

impl Key {
    /// The keys that a command with this one may not meet in one batch.
    pub(crate) fn excludes(&self) -> impl Iterator<Item = &Key> {
        let (itself, other) = match self {
            Self::Leadership => (Some(self), Some(&Self::Term)),
            Self::Term => (None, Some(&Self::Leadership)),
            _ => (Some(self), None),
        };
        itself.into_iter().chain(other)
    }
}

impl Command {
    /// What the command touches.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Self::RegisterTarget(config) => vec![Key::Target(config.target_id.clone())],
            Self::SyncBacklog { target, .. }
            | Self::ForgeAnswered { target, .. }
            | Self::ForgeTold { target, .. }
            | Self::ForgeSilent { target, .. }
            | Self::PauseTarget { target, .. }
            | Self::ResumeTarget { target, .. } => {
                vec![Key::Target(target.clone())]
            }
            Self::ChangeLimits { .. } => vec![Key::Limits],
            Self::Elect { .. } => vec![Key::Leadership],
            Self::RetryTask { task, .. } => {
                vec![Key::Task(task.clone()), Key::Target(task.target_id.clone())]
            }
            Self::StartAttempt { task, .. } => {
                let (target, task) = (Key::Target(task.target_id.clone()), Key::Task(task.clone()));
                vec![Key::Term, Key::Limits, task, target]
            }
            Self::CancelAttempt { attempt, .. } | Self::InvalidateAttempt { attempt, .. } => {
                vec![Key::Attempt(attempt.clone())]
            }
            Self::Lose { attempt, .. } => vec![Key::Term, Key::Attempt(attempt.clone())],
            Self::Observe { sighting, .. } => vec![Key::Term, Key::Attempt(sighting.attempt_id.clone())],
            Self::Ingest(bundle) => {
                let task = |task| Key::Task(TaskKey::new(bundle.target.clone(), task));
                let (attempts, tasks) = bundle.subjects();
                let mut keys: Vec<Key> = attempts.into_iter().map(Key::Attempt).collect();
                keys.extend(tasks.into_iter().map(task));
                // Without either it still must not pass its own repetition.
                keys.extend(keys.is_empty().then(|| Key::Target(bundle.target.clone())));
                keys
            }
        }
    }

    /// Whether it opens an attempt. Limits are global, so one append holds at most one such command, and first.
    pub fn starts_attempt(&self) -> bool {
        matches!(self, Self::StartAttempt { .. })
    }
}
