//! `POST /v1/targets/{id}/pause` and `/resume`.

use super::body::Order;
use super::carry_out::carry_out;
use super::reason::Because;
use crate::Problem;
use crate::server::named::target_id;
use crate::server::refusals::{BadRequest, BodyTooLarge, NoSuchThing};
use crate::view::TargetOrdered;
use crate::view::schema::{BecauseSchema, IdSchema};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use leviathan_core::Ledger;
use leviathan_core::decide::Command;
use leviathan_core::id::TargetId;

/// Stops starting anything of a target.
///
/// What runs goes on.
#[utoipa::path(
    post,
    path = "/v1/targets/{id}/pause",
    operation_id = "pauseTarget",
    params(("id" = IdSchema, Path, description = "The target's id.")),
    request_body = BecauseSchema,
    responses(
        (status = 200, description = "It is in the log.", body = TargetOrdered),
        BadRequest,
        NoSuchThing,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn pause(
    State(ledger): State<Ledger>,
    id: Result<Path<String>, PathRejection>,
    Order(because): Order<Because>,
) -> Result<Json<TargetOrdered>, Problem> {
    ordered(&ledger, id, because, "paused", |target, reason| Command::PauseTarget { target, reason }).await
}

/// Lets a paused target go on.
///
/// It also closes a circuit that is open because the target only failed.
#[utoipa::path(
    post,
    path = "/v1/targets/{id}/resume",
    operation_id = "resumeTarget",
    params(("id" = IdSchema, Path, description = "The target's id.")),
    request_body = BecauseSchema,
    responses(
        (status = 200, description = "It is in the log.", body = TargetOrdered),
        BadRequest,
        NoSuchThing,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn resume(
    State(ledger): State<Ledger>,
    id: Result<Path<String>, PathRejection>,
    Order(because): Order<Because>,
) -> Result<Json<TargetOrdered>, Problem> {
    ordered(&ledger, id, because, "resumed", |target, reason| Command::ResumeTarget { target, reason }).await
}

/// Has an order about a target recorded, and says what became of it.
async fn ordered(
    ledger: &Ledger,
    id: Result<Path<String>, PathRejection>,
    because: Because,
    status: &str,
    order: impl FnOnce(TargetId, String) -> Command,
) -> Result<Json<TargetOrdered>, Problem> {
    let target = target_id(id)?;
    carry_out(ledger, order(target.clone(), because.reason()?)).await?;
    Ok(Json(TargetOrdered { status: status.to_owned(), target }))
}
