//! `Rejection`: why a command did not become events.

use crate::graph::TaskKey;
use crate::id::{AttemptId, ExecutorName, TargetId};
use crate::log::Position;
use crate::schedule::Blocked;
use crate::{Timestamp, format_timestamp};

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
    /// Another scheduler leads: stand for election again once it does not.
    #[error("{holder} leads {}", ends(*until))]
    OtherLeads {
        /// Who leads.
        holder: String,
        /// Until when, unless it renews its term. `None`: until somebody takes over.
        until: Option<Timestamp>,
    },
    /// The scheduler that wants this does not lead: another term has begun since it was elected, if it ever was.
    #[error(
        "{} is not the term that the log is in: {holder} leads since position {since} (term {term}); start and record \
         nothing more, and stand for election again",
        named(*leadership)
    )]
    NotLeading {
        /// Where the term began that the command named.
        leadership: Option<Position>,
        /// The term that the log is in.
        term: u64,
        /// Who leads.
        holder: String,
        /// Where the term of the log began.
        since: Position,
    },
    /// The attempt is another executor's.
    #[error("{attempt} is not run by {executor}")]
    OtherExecutor {
        /// The attempt.
        attempt: AttemptId,
        /// The executor that spoke.
        executor: ExecutorName,
    },
}

fn ends(until: Option<Timestamp>) -> String {
    match until {
        Some(until) => format!("until {}; stand for election again then", format_timestamp(until)),
        None => "with no end; a host that holds the log's exclusive lock may take over".to_owned(),
    }
}

fn named(leadership: Option<Position>) -> String {
    match leadership {
        Some(position) => format!("the term that began at position {position}"),
        None => "no term at all".to_owned(),
    }
}
