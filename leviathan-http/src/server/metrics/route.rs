//! `GET /metrics`: the figures, for Prometheus.

use super::{Figure, gauges};
use crate::server::ApiState;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

/// Figures of the control plane, for Prometheus.
///
/// docs/metrics.md says what each one is.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    responses((status = 200, description = "The figures.", body = String, content_type = "text/plain"))
)]
pub(in crate::server) async fn show(State(api): State<ApiState>) -> impl IntoResponse {
    api.metrics.gauge(Figure::Streams, []).set(api.streams.following() as f64);
    gauges::look(&api.metrics, &api.ledger).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], api.metrics.render())
}
