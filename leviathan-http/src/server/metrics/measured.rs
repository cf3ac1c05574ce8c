//! Counting requests, and the span that what is said of one stands in.

use super::{Figure, Metrics};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// What a path that leads nowhere is counted under.
const NOWHERE: &str = "none";

/// Counts a request and how long it takes, and opens its span: with the route, the ids that its path names, and its status.
pub(in crate::server) async fn measure(
    State(metrics): State<Metrics>,
    path: Option<MatchedPath>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let route = path.as_ref().map_or(NOWHERE, MatchedPath::as_str);
    let method = known(request.method());
    let span = tracing::info_span!(
        "request",
        method,
        route,
        caller = Empty,
        target_id = Empty,
        task_id = Empty,
        attempt_id = Empty,
        status = Empty
    );
    for (name, value) in parameters.iter().flat_map(RawPathParams::iter) {
        if let Some(field) = field(route, name) {
            span.record(field, value);
        }
    }
    let begun = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("status", status.as_u16());
    metrics.histogram(Figure::HttpSeconds, [method, route]).record(begun.elapsed());
    metrics.counter(Figure::HttpRequests, [method, route, status.as_str()]).increment(1);
    span.in_scope(|| tracing::debug!("answered"));
    response
}

/// Says in the request's span what it is about.
pub(in crate::server) fn is_about(field: &'static str, id: &str) {
    Span::current().record(field, id);
}

/// Methods are of the caller's choosing: only those that the API has are told apart.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}

/// Which id a parameter of a path is.
fn field(route: &str, parameter: &str) -> Option<&'static str> {
    match (route.split('/').nth(2)?, parameter) {
        ("attempts", "id") => Some("attempt_id"),
        ("targets", "id") | (_, "target") => Some("target_id"),
        ("tasks", "id") => Some("task_id"),
        _ => None,
    }
}
