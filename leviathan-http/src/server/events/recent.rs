//! `GET /v1/events/recent`: the newest events.

use super::reading;
use crate::Problem;
use crate::server::query::{Asked, limit};
use crate::server::refusals::BadRequest;
use crate::view::EventView;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::log::Position;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many events there are unless the request says otherwise.
const USUAL: usize = 200;
/// How many there may be.
const MOST: usize = 1000;

/// How many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Params {
    /// How many events there are at most.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: Option<u64>,
}

/// The newest events, newest first.
///
/// Of large events there are fewer than were asked for.
#[utoipa::path(
    get,
    path = "/v1/events/recent",
    operation_id = "recentEvents",
    params(Params),
    responses((status = 200, description = "The events.", body = Vec<EventView>), BadRequest)
)]
pub(in crate::server) async fn show(
    State(ledger): State<Ledger>,
    Asked(asked): Asked<Params>,
) -> Result<Json<Vec<EventView>>, Problem> {
    let limit = limit(asked.limit, USUAL, MOST)?;
    let last = ledger.read(|graph| graph.head().position.get());
    let positions: Vec<_> = (1..=last).rev().take(limit).map(Position::new).collect();
    let oldest_first: Vec<_> = positions.into_iter().rev().collect();
    let mut events = reading::newest(&ledger, &oldest_first).await?;
    events.reverse();
    Ok(Json(events))
}
