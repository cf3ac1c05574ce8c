//! `Reply`: an answer before it is written to the connection.

use crate::failure::Failure;
use axum::body::Body;
use axum::http::{Response, header};
use serde_json::Value;

/// An answer before it is written to the connection.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) warning: Option<String>,
    retry_after: Option<u64>,
    kind: &'static str,
    pub(crate) body: Body,
}

impl Reply {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        let body = Body::from(value.to_string());
        Self { status, warning: None, retry_after: None, kind: "application/json", body }
    }

    pub(crate) fn text(status: u16, body: impl Into<Body>) -> Self {
        Self { status, warning: None, retry_after: None, kind: "text/plain", body: body.into() }
    }

    pub(crate) fn stream(kind: &'static str, body: Body) -> Self {
        Self { status: 200, warning: None, retry_after: None, kind, body }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::builder().status(self.status);
        if self.status != 204 {
            response = response.header(header::CONTENT_TYPE, self.kind);
        }
        if let Some(warning) = self.warning {
            response = response.header(header::WARNING, format!("299 - {warning:?}"));
        }
        if let Some(seconds) = self.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        response.body(self.body).expect("what it is made of is known to fit")
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        let retry_after = failure.retry_after;
        Self { retry_after, ..Self::json(failure.code, &failure.status()) }
    }
}
