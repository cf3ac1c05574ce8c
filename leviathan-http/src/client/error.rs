//! `ClientError`: why the control plane did not do what it was asked.

use crate::Problem;
use std::time::Duration;

/// Why the control plane did not do what it was asked. It names the request and never holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The control plane's URL cannot be used. What was refused is not repeated, it may hold a password.
    #[error("the control plane's URL {what}")]
    BadUrl {
        /// What is wrong with it.
        what: String,
    },
    /// The token cannot be sent.
    #[error("the control plane's token {what}")]
    BadToken {
        /// What is wrong with it.
        what: String,
    },
    /// No HTTP client could be made on this machine.
    #[error("no HTTP client could be made: {what}")]
    NoClient {
        /// Why not.
        what: String,
    },
    /// No answer came, so whether the request was carried out is not known.
    #[error("{request}: no answer{}: {what}", after(*tries))]
    NoAnswer {
        /// Method and URL.
        request: String,
        /// How often it was sent.
        tries: u32,
        /// How the last one ended.
        what: String,
    },
    /// The control plane refused it.
    #[error("{request}: refused{}: {problem}", after(*tries))]
    Refused {
        /// Method and URL.
        request: String,
        /// How often it was sent.
        tries: u32,
        /// What the control plane said to the last one.
        problem: Problem,
    },
    /// An answer came that is not one of a control plane.
    #[error("{request}: the answer cannot be used: {what}")]
    BadAnswer {
        /// Method and URL.
        request: String,
        /// What is wrong with it.
        what: String,
    },
}

/// How often something was tried, where that is worth a word.
fn after(tries: u32) -> String {
    if tries > 1 { format!(" after {tries} tries") } else { String::new() }
}

impl ClientError {
    /// The HTTP status, if the control plane refused the request.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { problem, .. } => Some(problem.status),
            _ => None,
        }
    }

    /// Whether the same request may be answered well a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Refused { problem, .. } => matches!(problem.status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// How long the control plane asked to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { problem, .. } => problem.retry_after,
            _ => None,
        }
    }

    /// The same after this many tries.
    pub(super) fn after(mut self, sent: u32) -> Self {
        if let Self::NoAnswer { tries, .. } | Self::Refused { tries, .. } = &mut self {
            *tries = sent;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_it_was_tried_is_said_of_what_was_tried_again() {
        let error = |tries| {
            let (request, what) = ("GET /x".to_owned(), "it was closed".to_owned());
            ClientError::NoAnswer { request, tries, what }.to_string()
        };
        assert_eq!(error(1), "GET /x: no answer: it was closed");
        assert_eq!(error(3), "GET /x: no answer after 3 tries: it was closed");
    }
}
