//! `GET /v1/graph/summary`: how much there is, and what happened last.

use crate::view::GraphSummary;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;

/// How much there is, and what happened last.
#[utoipa::path(
    get,
    path = "/v1/graph/summary",
    operation_id = "summary",
    responses((status = 200, description = "The graph in figures.", body = GraphSummary))
)]
pub(super) async fn show(State(ledger): State<Ledger>) -> Json<GraphSummary> {
    Json(ledger.read(|graph| GraphSummary::from(graph)))
}
