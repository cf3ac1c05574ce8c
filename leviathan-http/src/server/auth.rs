//! Judging who asks, before anything of the body is read.

use super::bearer::bearer;
use super::refuse::{FORBIDDEN, UNAUTHORIZED};
use super::{Role, Tokens};
use crate::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Lets through who may do what `needed` may do.
pub(super) async fn require(
    State((tokens, needed)): State<(Arc<Tokens>, Role)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match bearer(request.headers()).and_then(|token| tokens.role_of(token)) {
        None => Err(UNAUTHORIZED.because(
            "this needs the header `Authorization: Bearer <token>` with a token that is valid here",
        )),
        Some(role) if role < needed => {
            Err(FORBIDDEN.because("a worker's token may post bundles and artifacts, and nothing else"))
        }
        Some(_) => Ok(next.run(request).await),
    }
}
