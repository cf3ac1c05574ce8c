//! `Verdict`: how an attempt stands.

use super::Hold;
use leviathan_core::executor::Cause;

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its worker does not run yet.
    Waiting(Option<Hold>),
    /// Its worker runs, or has run.
    Running(Option<Hold>),
    /// It ended, and nothing that may still come makes another end of it.
    Ended(Ended),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) exit_code: Option<i32>,
    /// What is known of why, besides the exit code.
    pub(crate) cause: Option<Cause>,
    /// A sentence for a person: what happened, and what to look at.
    pub(crate) detail: Option<String>,
    /// Whether a worker ran, so that there must be a log.
    pub(crate) worker_ran: bool,
}

impl Ended {
    /// The worker ended by itself.
    pub(super) fn exit(code: i32) -> Self {
        Self { exit_code: Some(code), cause: None, detail: None, worker_ran: true }
    }

    /// Something ended it.
    pub(super) fn by(cause: Cause, detail: impl Into<String>) -> Self {
        Self { exit_code: None, cause: Some(cause), detail: Some(detail.into()), worker_ran: true }
    }

    /// It never began.
    pub(super) fn unstarted(cause: Cause, detail: impl Into<String>) -> Self {
        Self { worker_ran: false, ..Self::by(cause, detail) }
    }
}

impl Verdict {
    /// What holds it up.
    pub(crate) fn hold(&self) -> Option<&Hold> {
        match self {
            Self::Waiting(hold) | Self::Running(hold) => hold.as_ref(),
            Self::Ended(_) => None,
        }
    }
}
