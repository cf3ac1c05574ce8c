//! `Rejection`: why a command did not become events.

use crate::graph::TaskKey;
use crate::id::{AttemptId, ExecutorName, TargetId};
use crate::schedule::Blocked;

/// Why a command did not become events. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The log was not begun: open it through the ledger.
    #[error("the log was not begun")]
    NoLog,
    /// There is no such target: register it first.
    #[error("there is no target {0}; register it first")]
    UnknownTarget(TargetId),
    /// There is no such task.
    #[error("there is no task {0}")]
    UnknownTask(TaskKey),
    /// There is no such attempt.
    #[error("there is no attempt {0}")]
    UnknownAttempt(AttemptId),
    /// The task may not start now.
    #[error("{task} may not start: {blocked}")]
    NotAdmitted {
        /// The task.
        task: TaskKey,
        /// Why not.
        blocked: Blocked,
    },
    /// The task is neither failed nor blocked, so there is nothing to retry.
    #[error("{0} is neither failed nor blocked: there is nothing to retry")]
    NothingToRetry(TaskKey),
    /// The attempt ended already.
    #[error("{0} has ended already")]
    AlreadyEnded(AttemptId),
    /// The attempt is another executor's.
    #[error("{attempt} is not run by {executor}")]
    OtherExecutor {
        /// The attempt.
        attempt: AttemptId,
        /// The executor that spoke.
        executor: ExecutorName,
    },
}
