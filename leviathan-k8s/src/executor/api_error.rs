//! `ApiError`: why the API server did not do what it was asked.

use leviathan_core::executor::ExecutorError;
use std::fmt;
use std::time::Duration;

/// Why the API server did not do what it was asked, in words that hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    /// What was asked of it.
    pub(super) asked: String,
    /// The HTTP status, if it answered.
    pub(super) code: Option<u16>,
    pub(super) reason: String,
    pub(super) message: String,
    /// The kind of thing that the answer is about.
    pub(super) kind: String,
    /// How long it wants to be left alone.
    pub(super) retry_after: Option<Duration>,
}

impl ApiError {
    pub(super) fn new(asked: &str, error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::of_status(asked, *status),
            // It may quote what a helper for credentials wrote.
            kube::Error::Auth(_) => Self::unanswered(
                asked,
                "the credentials for the cluster can't be had; look at the kubeconfig's user",
            ),
            error => Self::unanswered(asked, error),
        }
    }

    pub(super) fn of_status(asked: &str, status: kube::core::Status) -> Self {
        let (kind, wait) = status
            .details
            .map_or_else(Default::default, |details| (details.kind, details.retry_after_seconds));
        Self {
            asked: asked.to_owned(),
            code: Some(status.code),
            reason: status.reason,
            message: status.message,
            kind,
            retry_after: (wait > 0).then(|| Duration::from_secs(wait.into())),
        }
    }

    pub(super) fn unanswered(asked: &str, why: impl fmt::Display) -> Self {
        Self {
            asked: asked.to_owned(),
            code: None,
            reason: String::new(),
            message: why.to_string(),
            kind: String::new(),
            retry_after: None,
        }
    }

    pub(super) fn timed_out(asked: &str, after: Duration) -> Self {
        Self::unanswered(asked, format_args!("no answer within {} s", after.as_secs_f32()))
    }

    pub(super) fn is_forbidden(&self) -> bool {
        self.code == Some(403)
    }

    pub(super) fn is_not_found(&self) -> bool {
        self.code == Some(404)
    }

    pub(super) fn is_already_exists(&self) -> bool {
        self.code == Some(409) && self.reason == "AlreadyExists"
    }

    /// Nothing with that name and uid is there any more.
    pub(super) fn is_gone(&self) -> bool {
        self.is_not_found() || (self.code == Some(409) && self.reason == "Conflict")
    }

    /// Whether the same request will never go well: there is something for an operator to set right.
    fn is_final(&self) -> bool {
        matches!(self.code, Some(400 | 403 | 404 | 405 | 413 | 415 | 422))
    }

    pub(super) fn into_executor_error(self) -> ExecutorError {
        if self.is_final() { ExecutorError::rejected(self) } else { ExecutorError::unavailable(self) }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, message, reason, .. } = self;
        match self.code {
            Some(code) => write!(f, "the Kubernetes API did not {asked}: {code} {reason}: {message}"),
            None => write!(f, "the Kubernetes API did not {asked}: {message}"),
        }
    }
}
