//! `GET /healthz` and `GET /readyz`: whether the process lives, and whether it can work.

use super::refusals::Unavailable;
use super::refuse::UNAVAILABLE;
use crate::Problem;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::log::Position;
use serde::Serialize;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// How long the store may take to answer, and the graph to catch up.
const PATIENCE: Duration = Duration::from_secs(2);

/// That the process lives.
#[derive(Serialize, ToSchema)]
pub(super) struct Healthy {
    status: &'static str,
}

/// That the control plane can work.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    status: &'static str,
    /// The last position of the log.
    #[schema(value_type = u64)]
    position: Position,
}

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthy",
    responses((status = 200, description = "It does.", body = Healthy, example = json!({"status": "ok"})))
)]
pub(super) async fn live() -> Json<Healthy> {
    Json(Healthy { status: "ok" })
}

/// Whether the control plane can work.
///
/// The ledger runs, the store answers and holds the log that the graph was made of, and the graph is at the log's head.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    responses((status = 200, description = "It can.", body = Ready), Unavailable)
)]
pub(super) async fn ready(State(ledger): State<Ledger>) -> Result<Json<Ready>, Problem> {
    if let Some(why) = ledger.stopped() {
        return Err(UNAVAILABLE.because(format_args!("the ledger has stopped: {why}")));
    }
    let slow = |_| {
        UNAVAILABLE.because(format_args!(
            "the log's store did not answer, or the graph did not reach its head, within {} s",
            PATIENCE.as_secs()
        ))
    };
    let position = timeout(PATIENCE, at_head(&ledger)).await.map_err(slow)??;
    Ok(Json(Ready { status: "ok", position }))
}

async fn at_head(ledger: &Ledger) -> Result<Position, Problem> {
    let head = ledger.read(|graph| graph.head());
    let store = ledger.store();
    if store.settled(head.position).await? != Some(head.hash) {
        return Err(UNAVAILABLE.because(format_args!("the store's log is not the one that ends at {head}")));
    }
    if !store.read(head.position, NonZeroUsize::MIN).await?.is_empty() {
        ledger.moved_past(head.position).await;
    }
    Ok(ledger.read(|graph| graph.head().position))
}
