//! `router`: which path is answered by what, and who may ask.

use super::openapi::{Described, Description, guarded};
use super::orders::body::MAX_ORDER_BYTES;
use super::refuse::{METHOD_NOT_ALLOWED, NOT_FOUND, panicked};
use super::webhook::MAX_WEBHOOK_BYTES;
use super::{
    ApiState, Role, artifacts, attempts, auth, digest, events, health, ingest, lingering, lists, metrics,
    openapi, orders, places, summary, time_limit, webhook,
};
use crate::Problem;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use leviathan_core::MAX_BUNDLE_BYTES;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The API over a ledger and an artifact store.
pub fn router(state: ApiState) -> Router {
    let only = |role: Role, routes: OpenApiRouter<ApiState>| {
        let judge = from_fn_with_state((state.tokens.clone(), role), auth::require);
        guarded(routes, role).route_layer(judge)
    };
    let placed = |routes: OpenApiRouter<ApiState>| {
        routes.route_layer(from_fn_with_state(state.places(), places::limit))
    };
    let timed = |routes: OpenApiRouter<ApiState>| routes.route_layer(from_fn(time_limit::limit));

    let (routes, api) = OpenApiRouter::with_openapi(Described::openapi())
        .merge(open())
        .merge(placed(timed(webhooks())))
        .merge(only(Role::Worker, placed(timed(reports())).merge(placed(uploads()))))
        .merge(only(Role::Operator, placed(timed(questions().merge(orders()))).merge(streams())))
        .split_for_parts();
    routes
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(Extension(Description::of(&api)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.metrics.clone(), metrics::measure))
        .layer(from_fn(lingering::read_on))
        .with_state(state)
}

/// What anybody may ask.
fn open() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(openapi::show))
}

/// What forges say, which sign it.
fn webhooks() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(webhook::github)).layer(DefaultBodyLimit::max(MAX_WEBHOOK_BYTES))
}

/// What workers say.
fn reports() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(ingest::ingest)).layer(DefaultBodyLimit::max(MAX_BUNDLE_BYTES))
}

/// What workers send, however long it takes.
fn uploads() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(artifacts::put))
}

/// What operators ask.
fn questions() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(attempts::show))
        .routes(routes!(events::checkpoint::sign))
        .routes(routes!(events::checkpoint::key))
        .routes(routes!(events::page::show))
        .routes(routes!(events::recent::show))
        .routes(routes!(metrics::route::show))
        .routes(routes!(lists::attempts::list))
        .routes(routes!(lists::failures::list))
        .routes(routes!(lists::task::show))
        .routes(routes!(lists::tasks::list))
        .routes(routes!(summary::show))
}

/// What operators order.
fn orders() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(orders::attempts::cancel))
        .routes(routes!(orders::attempts::invalidate))
        .routes(routes!(orders::limits::show, orders::limits::change))
        .routes(routes!(orders::targets::pause))
        .routes(routes!(orders::targets::resume))
        .routes(routes!(orders::tasks::retry))
        .layer(DefaultBodyLimit::max(MAX_ORDER_BYTES))
}

/// What operators are sent, however long it takes.
fn streams() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(artifacts::get, artifacts::head))
        .routes(routes!(digest::show))
        .routes(routes!(events::export::show))
        .routes(routes!(events::stream::follow))
}

async fn no_such_path(uri: Uri) -> Problem {
    NOT_FOUND.because(format_args!("there is nothing at {}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    METHOD_NOT_ALLOWED
        .because(format_args!("{} does not take {method}; the header Allow says what it takes", uri.path()))
}
