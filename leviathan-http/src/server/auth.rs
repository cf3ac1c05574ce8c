//! Judging who asks, before anything of the body is read.

use super::bearer::bearer;
use super::metrics::is_about;
use super::refuse::{FORBIDDEN, UNAUTHORIZED};
use super::{Role, Tokens};
use crate::{BadToken, Problem};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::SystemTime;

/// Lets through who may do what `needed` may do, and tells the handler who it is.
pub(super) async fn require(
    State((tokens, needed)): State<(Arc<Tokens>, Role)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let token = bearer(request.headers()).ok_or(BadToken::Unknown);
    let caller = token.and_then(|token| tokens.caller(token, SystemTime::now().into())).map_err(denied)?;
    is_about("caller", caller.kind());
    if caller.role() < needed {
        return Err(FORBIDDEN.because("a worker's token may post bundles and artifacts, and nothing else"));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn denied(bad: BadToken) -> Problem {
    match bad {
        BadToken::Unknown => UNAUTHORIZED
            .because("this needs the header `Authorization: Bearer <token>` with a token that is valid here"),
        BadToken::Expired { .. } => UNAUTHORIZED.because(format_args!("{bad}; nothing more is taken of it")),
    }
}
