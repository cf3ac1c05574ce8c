//! `GET /v1/events/recent`: the newest events.

use super::reading;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::view::EventView;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::log::Position;

/// How many events there are unless the request says otherwise.
const USUAL: usize = 200;
/// How many there may be.
const MOST: usize = 1000;

/// The newest events, newest first.
///
/// Of large events there are fewer than were asked for.
#[utoipa::path(
    get,
    path = "/v1/events/recent",
    operation_id = "recentEvents",
    params((
        "limit" = Option<u64>, Query, minimum = 1, maximum = 1000,
        description = "How many at most; 200 if it is left out."
    )),
    responses((status = 200, description = "The events.", body = Vec<EventView>), BadRequest)
)]
pub(in crate::server) async fn show(
    State(ledger): State<Ledger>,
    mut asked: Asked,
) -> Result<Json<Vec<EventView>>, Problem> {
    let limit = asked.limit(USUAL, MOST);
    asked.end()?;
    let last = ledger.read(|graph| graph.head().position.get());
    let positions: Vec<_> = (1..=last).rev().take(limit).map(Position::new).collect();
    let oldest_first: Vec<_> = positions.into_iter().rev().collect();
    let mut events = reading::newest(&ledger, &oldest_first).await?;
    events.reverse();
    Ok(Json(events))
}
