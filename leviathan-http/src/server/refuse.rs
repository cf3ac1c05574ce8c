//! How what went wrong becomes a [`Problem`], and a problem an answer.

use crate::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leviathan_core::artifact::{ArtifactError, ArtifactErrorKind};
use leviathan_core::store::StoreError;
use leviathan_core::{BadBundle, BundleFault, SubmitError};
use std::any::Any;
use std::fmt::Display;
use std::time::Duration;

/// How long a caller is asked to wait when too much is going on.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How long a caller is asked to wait when something does not work.
const A_WHILE: Duration = Duration::from_secs(5);
/// The most faults of a bundle that are told.
const MAX_FAULTS: usize = 100;

/// A status, to be explained.
pub(super) struct Refusal(StatusCode, Option<Duration>);

pub(super) const BAD_REQUEST: Refusal = Refusal(StatusCode::BAD_REQUEST, None);
pub(super) const UNAUTHORIZED: Refusal = Refusal(StatusCode::UNAUTHORIZED, None);
pub(super) const FORBIDDEN: Refusal = Refusal(StatusCode::FORBIDDEN, None);
pub(super) const NOT_FOUND: Refusal = Refusal(StatusCode::NOT_FOUND, None);
pub(super) const METHOD_NOT_ALLOWED: Refusal = Refusal(StatusCode::METHOD_NOT_ALLOWED, None);
pub(super) const CONFLICT: Refusal = Refusal(StatusCode::CONFLICT, None);
pub(super) const TOO_LARGE: Refusal = Refusal(StatusCode::PAYLOAD_TOO_LARGE, None);
pub(super) const BEYOND_END: Refusal = Refusal(StatusCode::RANGE_NOT_SATISFIABLE, None);
pub(super) const OTHER_DIGEST: Refusal = Refusal(StatusCode::UNPROCESSABLE_ENTITY, None);
pub(super) const OVERLOADED: Refusal = Refusal(StatusCode::TOO_MANY_REQUESTS, Some(A_MOMENT));
pub(super) const UNAVAILABLE: Refusal = Refusal(StatusCode::SERVICE_UNAVAILABLE, Some(A_WHILE));
pub(super) const BROKEN: Refusal = Refusal(StatusCode::INTERNAL_SERVER_ERROR, None);

impl Refusal {
    /// What happened to which thing, and what the caller can do.
    pub(super) fn because(self, detail: impl Display) -> Problem {
        Problem {
            title: self.0.canonical_reason().unwrap_or_default().to_owned(),
            status: self.0.as_u16(),
            detail: detail.to_string(),
            errors: Vec::new(),
            retry_after: self.1,
        }
    }
}

/// Answers a request whose handler panicked. What it said is in the process's own error output already.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    BROKEN.because("the control plane failed to handle this request; its log says more").into_response()
}

/// A part of the request that cannot be used.
pub(super) fn bad_part(path: &str, what: impl Display) -> Problem {
    let fault = BundleFault { path: path.to_owned(), what: what.to_string() };
    BAD_REQUEST.because(format_args!("the request's {path} cannot be used")).with_faults(vec![fault])
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Text and numbers: serde_json refuses none of these.
        let json = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"leviathan\""));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl Problem {
    /// The same with the faults that led to it, or the first of them if they are very many.
    pub(super) fn with_faults(mut self, faults: Vec<BundleFault>) -> Self {
        if faults.len() > MAX_FAULTS {
            self.detail = format!("{}; {} faults, the first are told", self.detail, faults.len());
        }
        self.errors = faults.into_iter().take(MAX_FAULTS).collect();
        self
    }
}

impl From<BadBundle> for Problem {
    fn from(bad: BadBundle) -> Self {
        let detail = "the bundle was refused and nothing of it was recorded";
        BAD_REQUEST.because(detail).with_faults(bad.faults)
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match &error {
            SubmitError::Rejected(_) => CONFLICT.because(error),
            SubmitError::Overloaded { .. } => OVERLOADED.because(error),
            _ => UNAVAILABLE.because(error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        UNAVAILABLE.because(format_args!("the log's store did not answer: {error}"))
    }
}

impl From<ArtifactError> for Problem {
    fn from(error: ArtifactError) -> Self {
        match error.kind() {
            ArtifactErrorKind::NotFound => NOT_FOUND.because(error),
            ArtifactErrorKind::Mismatch => OTHER_DIGEST.because(error),
            ArtifactErrorKind::TooLarge => TOO_LARGE.because(error),
            ArtifactErrorKind::Interrupted => match std::error::Error::source(&error) {
                Some(why) => BAD_REQUEST.because(format_args!("{error}: {why}")),
                None => BAD_REQUEST.because(error),
            },
            _ => UNAVAILABLE.because(error),
        }
    }
}
