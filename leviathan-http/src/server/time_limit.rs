//! A bound on the time that a request takes.

use super::refuse::UNAVAILABLE;
use crate::Problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;
use tokio::time::timeout;

/// How long a request may take from its first byte to its answer. Artifacts are exempt: they may be large.
const REQUEST: Duration = Duration::from_secs(30);

/// Gives up on a request that takes too long.
pub(super) async fn limit(request: Request, next: Next) -> Result<Response, Problem> {
    let slow = |_| {
        UNAVAILABLE.because(format_args!(
            "no answer within {} s; whether it was carried out is not known, sending it again does no harm",
            REQUEST.as_secs()
        ))
    };
    timeout(REQUEST, next.run(request)).await.map_err(slow)
}
