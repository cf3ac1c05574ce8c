//! `GET /v1/graph/summary`: how much there is, and what happened last.

use crate::view::GraphSummary;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;

/// Sums up the graph.
pub(super) async fn show(State(ledger): State<Ledger>) -> Json<GraphSummary> {
    Json(ledger.read(|graph| GraphSummary::from(graph)))
}
