//! `GET /v1/attempts/{id}`: one attempt with its events and artifacts.

use super::events::reading::newest;
use super::named::attempt_id;
use super::refusals::{BadRequest, NoSuchThing};
use super::refuse::NOT_FOUND;
use crate::Problem;
use crate::view::schema::IdSchema;
use crate::view::{ArtifactView, AttemptDetail, AttemptNode};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use leviathan_core::Ledger;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Position;

/// The most events of an attempt that are shown, the newest.
const MAX_EVENTS: usize = 1000;
/// The most artifacts of an attempt that are shown.
const MAX_ARTIFACTS: usize = 1000;

/// One attempt with its events and artifacts.
///
/// Of very many events the newest are shown, and of very many artifacts some; how many there are in all is told.
#[utoipa::path(
    get,
    path = "/v1/attempts/{id}",
    operation_id = "attempt",
    params(("id" = IdSchema, Path, description = "The attempt's id.")),
    responses((status = 200, description = "The attempt.", body = AttemptDetail), BadRequest, NoSuchThing)
)]
pub(super) async fn show(
    State(ledger): State<Ledger>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<AttemptDetail>, Problem> {
    let id = attempt_id(id)?;
    let (mut detail, positions) =
        find(&ledger, &id).ok_or_else(|| NOT_FOUND.because(format_args!("there is no attempt {id}")))?;
    detail.events = newest(&ledger, &positions).await?;
    Ok(Json(detail))
}

/// What the graph knows of an attempt, with the positions of its newest events.
fn find(ledger: &Ledger, id: &AttemptId) -> Option<(AttemptDetail, Vec<Position>)> {
    ledger.read(|graph| {
        let attempt = graph.attempt(id)?;
        let positions = attempt.events.iter().skip(attempt.events.len().saturating_sub(MAX_EVENTS));
        let detail = AttemptDetail {
            attempt_node: AttemptNode::of(graph, attempt),
            events: Vec::new(),
            events_total: attempt.events.len(),
            artifacts: graph.artifacts(id).take(MAX_ARTIFACTS).map(ArtifactView::from).collect(),
            artifacts_total: graph.artifacts(id).count(),
        };
        Some((detail, positions.collect()))
    })
}
