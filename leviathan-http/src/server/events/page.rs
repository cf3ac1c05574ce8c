//! `GET /v1/events`: pages of the log.

use super::reading;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::view::EventPage;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::log::Position;

/// How many events a page has unless the request says otherwise.
const USUAL: usize = 100;
/// How many it may have.
const MOST: usize = 1000;

/// A page of the log, oldest event first.
///
/// `next_after` is what to ask `after` for the next page; a page without events is the end of the log. A page of large
/// events is shorter than was asked for.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "events",
    params(
        (
            "after" = Option<u64>, Query,
            description = "The position behind which the page begins; from the start if it is left out."
        ),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 1000, description = "How many at most; 100 if it is left out."),
    ),
    responses((status = 200, description = "The page.", body = EventPage), BadRequest)
)]
pub(in crate::server) async fn show(
    State(ledger): State<Ledger>,
    mut asked: Asked,
) -> Result<Json<EventPage>, Problem> {
    let after = Position::new(asked.number("after").unwrap_or_default());
    let limit = asked.limit(USUAL, MOST);
    asked.end()?;
    let events = reading::behind(&ledger, after, limit).await?;
    let next_after = events.last().map_or(after, |last| last.position);
    Ok(Json(EventPage { count: events.len(), events, next_after }))
}
