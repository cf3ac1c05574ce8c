//! `Fault`: what one request came to that did not come to what was asked.

use crate::forge::ForgeError;
use crate::forge::error::Kinds;
use std::time::Duration;

/// Why a request did not come to what was asked, each with a sentence.
#[derive(Debug)]
pub(super) enum Fault {
    /// It may, later: not before `after`, where the forge says so.
    Later { what: String, after: Option<Duration> },
    /// The token is not taken, or may not do this.
    Denied(String),
    /// It is not there, or the token may not see it.
    Missing(String),
    /// A pull request of the branch is open already.
    Exists(String),
    /// It will never do.
    Rejected(String),
}

impl Fault {
    /// The same, said of a request.
    pub(super) fn of(self, request: &str) -> Self {
        self.map(|what| format!("{request}: {what}"))
    }

    /// The same in other words.
    pub(super) fn map(self, say: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Later { what, after } => Self::Later { what: say(what), after },
            Self::Denied(what) => Self::Denied(say(what)),
            Self::Missing(what) => Self::Missing(say(what)),
            Self::Exists(what) => Self::Exists(say(what)),
            Self::Rejected(what) => Self::Rejected(say(what)),
        }
    }
}

impl From<Fault> for ForgeError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Later { what, .. } => Self::unavailable(what),
            Fault::Denied(what) | Fault::Missing(what) => Self::denied(what),
            Fault::Exists(what) | Fault::Rejected(what) => Self::rejected(what),
        }
    }
}
