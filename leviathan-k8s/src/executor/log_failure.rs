//! `LogFailure`: why a log could not be read.

use super::api_error::ApiError;
use std::time::Duration;

/// Why a log could not be read, and whether asking again may help.
#[derive(Debug)]
pub(super) struct LogFailure {
    pub(super) why: String,
    pub(super) is_passing: bool,
    pub(super) retry_after: Duration,
}

impl LogFailure {
    pub(super) fn of(error: ApiError) -> Self {
        // A node that was just restarted does not know its pod yet; that is a 404 about the log, not about the pod.
        let is_passing = match error.code {
            Some(404) => error.kind == "pods/log",
            Some(code) => code >= 500 || code == 429 || code == 408,
            None => true,
        };
        Self { why: error.to_string(), is_passing, retry_after: error.retry_after.unwrap_or_default() }
    }

    /// It broke off, and may be had when it is asked for again.
    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_passing: true, retry_after: Duration::ZERO }
    }

    /// It is not to be had.
    pub(super) fn lost(why: impl Into<String>) -> Self {
        Self { is_passing: false, ..Self::broken(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_asked_again() {
        let error = |code, kind: &str| ApiError {
            code: Some(code),
            kind: kind.to_owned(),
            ..ApiError::unanswered("give the log", "")
        };
        let passing = |code, kind| LogFailure::of(error(code, kind)).is_passing;
        assert!(passing(500, "") && passing(429, "") && passing(404, "pods/log"));
        assert!(!passing(404, "pods") && !passing(400, "") && !passing(403, ""));
    }
}
