//! `GET /v1/failures`: attempts that failed, the last failure first.

use super::page::take_page;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::view::schema::IdSchema;
use crate::view::{FailurePage, FailureView};
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::graph::FailureCursor;
use leviathan_core::id::TargetId;

/// How many failures a page has unless the request says otherwise.
const USUAL: usize = 50;
/// How many it may have.
const MOST: usize = 500;

/// Attempts that failed, the last failure first.
///
/// What was invalidated is none. `next_cursor` is what to ask `cursor` for the next page; the last page has none.
#[utoipa::path(
    get,
    path = "/v1/failures",
    operation_id = "failures",
    params(
        ("target" = Option<IdSchema>, Query, description = "Only those of this target."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 500, description = "How many at most; 50 if it is left out."),
        ("cursor" = Option<String>, Query, pattern = "^[0-9]{1,18}-[0-9]{1,9}$", description = "Where the page before ended."),
    ),
    responses((status = 200, description = "The page.", body = FailurePage), BadRequest)
)]
pub(in crate::server) async fn list(
    State(ledger): State<Ledger>,
    mut asked: Asked,
) -> Result<Json<FailurePage>, Problem> {
    let target: Option<TargetId> = asked.read("target");
    let limit = asked.limit(USUAL, MOST);
    let cursor: Option<FailureCursor> = asked.read("cursor");
    asked.end()?;
    Ok(Json(ledger.read(|graph| {
        let (failures, next) = take_page(graph.newest_failures(target.as_ref(), cursor), limit);
        let failures: Vec<_> = failures.into_iter().map(FailureView::from).collect();
        FailurePage { count: failures.len(), failures, next_cursor: next.map(|cursor| cursor.to_string()) }
    })))
}
