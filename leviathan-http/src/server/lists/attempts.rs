//! `GET /v1/attempts`: attempts, newest first.

use super::page::take_page;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::view::schema::IdSchema;
use crate::view::{AttemptPage, AttemptView};
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::graph::{Attempt, AttemptCursor, AttemptStatus};
use leviathan_core::id::{TargetId, TaskId};

/// How many attempts a page has unless the request says otherwise.
const USUAL: usize = 50;
/// How many it may have.
const MOST: usize = 500;

/// Attempts, newest first.
///
/// The newest is the one that the log first spoke of last. `next_cursor` is what to ask `cursor` for the next page, with
/// the same other parameters; the last page has none. A page behind a cursor is not shifted by attempts that are opened
/// meanwhile.
#[utoipa::path(
    get,
    path = "/v1/attempts",
    operation_id = "attempts",
    params(
        ("target" = Option<IdSchema>, Query, description = "Only those of this target."),
        ("task" = Option<IdSchema>, Query, description = "Only those of the task of this name, of each target's if none is named."),
        ("status" = Option<crate::view::schema::AttemptStatusSchema>, Query, description = "Only those of this status."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 500, description = "How many at most; 50 if it is left out."),
        ("cursor" = Option<String>, Query, pattern = "^[0-9]{1,9}$", description = "Where the page before ended."),
    ),
    responses((status = 200, description = "The page.", body = AttemptPage), BadRequest)
)]
pub(in crate::server) async fn list(
    State(ledger): State<Ledger>,
    mut asked: Asked,
) -> Result<Json<AttemptPage>, Problem> {
    let target: Option<TargetId> = asked.read("target");
    let task: Option<TaskId> = asked.read("task");
    let status: Option<AttemptStatus> = asked.read("status");
    let limit = asked.limit(USUAL, MOST);
    let cursor: Option<AttemptCursor> = asked.read("cursor");
    asked.end()?;
    Ok(Json(ledger.read(|graph| {
        let target = target.as_ref();
        let (attempts, next) = match task {
            None => take_page(graph.newest_attempts(target, status, cursor), limit),
            Some(task) => {
                let of_task = graph.newest_attempts_of(target, &task, cursor);
                let of_status =
                    |attempt: &Attempt| status.is_none_or(|status| attempt.state.status() == status);
                take_page(of_task.filter(|(_, attempt)| of_status(attempt)), limit)
            }
        };
        let attempts: Vec<_> = attempts.into_iter().map(|attempt| AttemptView::of(graph, attempt)).collect();
        AttemptPage { count: attempts.len(), attempts, next_cursor: next.map(|cursor| cursor.to_string()) }
    })))
}
