//! `router`: which path is answered by what, and who may ask.

use super::refuse::{METHOD_NOT_ALLOWED, NOT_FOUND, panicked};
use super::{ApiState, Role, artifacts, attempts, auth, health, ingest, lingering, summary, time_limit};
use crate::Problem;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};
use leviathan_core::MAX_BUNDLE_BYTES;
use tower_http::catch_panic::CatchPanicLayer;

/// The API over a ledger and an artifact store.
pub fn router(state: ApiState) -> Router {
    let only = |role: Role| from_fn_with_state((state.tokens.clone(), role), auth::require);

    let open = Router::new().route("/healthz", get(health::live)).route("/readyz", get(health::ready));
    let reports = Router::new()
        .route("/v1/events/ingest", post(ingest::ingest).layer(DefaultBodyLimit::max(MAX_BUNDLE_BYTES)))
        .route_layer(from_fn(time_limit::limit))
        .route("/v1/artifacts/{sha256}", put(artifacts::put))
        .route_layer(only(Role::Worker));
    let views = Router::new()
        .route("/v1/attempts/{id}", get(attempts::show))
        .route("/v1/graph/summary", get(summary::show))
        .route_layer(from_fn(time_limit::limit))
        .route("/v1/artifacts/{sha256}", get(artifacts::get).head(artifacts::head))
        .route_layer(only(Role::Operator));

    open.merge(reports)
        .merge(views)
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(lingering::read_on))
        .with_state(state)
}

async fn no_such_path(uri: Uri) -> Problem {
    NOT_FOUND.because(format_args!("there is nothing at {}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    METHOD_NOT_ALLOWED
        .because(format_args!("{} does not take {method}; the header Allow says what it takes", uri.path()))
}
