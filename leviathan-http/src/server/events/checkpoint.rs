//! `GET /v1/events/checkpoint` and `/v1/events/checkpoint/key`: the log's head, signed, and by which key.

use crate::Problem;
use crate::checkpoint::{CheckpointKey, PublicKeyView, SignedCheckpoint};
use crate::server::ApiState;
use crate::server::refusals::NoSuchThing;
use crate::server::refuse::{NOT_FOUND, UNAVAILABLE};
use axum::Json;
use axum::extract::State;
use leviathan_core::log::Checkpoint;
use std::time::SystemTime;

/// The log's head as it is now, signed.
///
/// Whoever keeps it can show later that the log was cut or written anew. Without a key there are none.
#[utoipa::path(
    get,
    path = "/v1/events/checkpoint",
    operation_id = "checkpoint",
    responses((status = 200, description = "The checkpoint.", body = SignedCheckpoint), NoSuchThing)
)]
pub(in crate::server) async fn sign(State(api): State<ApiState>) -> Result<Json<SignedCheckpoint>, Problem> {
    let key = of(&api)?;
    let (log_id, head) = api.ledger.read(|graph| (graph.log_id(), graph.head()));
    let log_id = log_id.ok_or_else(|| UNAVAILABLE.because("the log has not begun"))?;
    Ok(Json(key.sign(&Checkpoint { log_id, head, time: SystemTime::now().into() })))
}

/// The key by which checkpoints are verified.
///
/// Keep it from before: a log's keeper could change both.
#[utoipa::path(
    get,
    path = "/v1/events/checkpoint/key",
    operation_id = "checkpointKey",
    responses((status = 200, description = "The public key.", body = PublicKeyView), NoSuchThing)
)]
pub(in crate::server) async fn key(State(api): State<ApiState>) -> Result<Json<PublicKeyView>, Problem> {
    Ok(Json(of(&api)?.public().view()))
}

fn of(api: &ApiState) -> Result<&CheckpointKey, Problem> {
    let none = || {
        NOT_FOUND.because(
            "this control plane signs no checkpoints: it was started without a key to sign them with",
        )
    };
    api.checkpoint_key.as_ref().ok_or_else(none)
}
