//! `GET /v1/events`: pages of the log.

use super::reading;
use crate::Problem;
use crate::server::query::{Asked, limit};
use crate::server::refusals::BadRequest;
use crate::view::EventPage;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::log::Position;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many events a page has unless the request says otherwise.
const USUAL: usize = 100;
/// How many it may have.
const MOST: usize = 1000;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Params {
    /// The position behind which the page begins; from the start if it is left out.
    #[serde(default)]
    #[param(value_type = u64, default = 0)]
    after: Position,
    /// How many events it has at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
}

/// A page of the log, oldest event first.
///
/// `next_after` is what to ask `after` for the next page; a page without events is the end of the log. A page of large
/// events is shorter than was asked for.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "events",
    params(Params),
    responses((status = 200, description = "The page.", body = EventPage), BadRequest)
)]
pub(in crate::server) async fn show(
    State(ledger): State<Ledger>,
    Asked(asked): Asked<Params>,
) -> Result<Json<EventPage>, Problem> {
    let events = reading::behind(&ledger, asked.after, limit(asked.limit, USUAL, MOST)?).await?;
    let next_after = events.last().map_or(asked.after, |last| last.position);
    Ok(Json(EventPage { count: events.len(), events, next_after }))
}
