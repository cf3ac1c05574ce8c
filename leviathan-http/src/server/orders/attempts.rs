//! `POST /v1/attempts/{id}/cancel` and `/invalidate`.

use super::body::Order;
use super::carry_out::carry_out;
use super::reason::Because;
use crate::Problem;
use crate::server::named::attempt_id;
use crate::server::refusals::{BadRequest, BodyTooLarge, NoSuchThing, NotAsThingsAre};
use crate::view::AttemptOrdered;
use crate::view::schema::{BecauseSchema, IdSchema};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use leviathan_core::Ledger;
use leviathan_core::decide::Command;
use leviathan_core::id::AttemptId;

/// Wants an attempt to stop.
///
/// The scheduler that leads tells its executor. It may still succeed; else it ends as cancelled, and its task waits for an
/// operator.
#[utoipa::path(
    post,
    path = "/v1/attempts/{id}/cancel",
    operation_id = "cancelAttempt",
    params(("id" = IdSchema, Path, description = "The attempt's id.")),
    request_body = BecauseSchema,
    responses(
        (status = 202, description = "It is in the log.", body = AttemptOrdered),
        BadRequest,
        NoSuchThing,
        NotAsThingsAre,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn cancel(
    State(ledger): State<Ledger>,
    id: Result<Path<String>, PathRejection>,
    Order(because): Order<Because>,
) -> Result<(StatusCode, Json<AttemptOrdered>), Problem> {
    let cancel = |attempt, reason| Command::CancelAttempt { attempt, reason };
    Ok((StatusCode::ACCEPTED, ordered(&ledger, id, because, "cancel_requested", cancel).await?))
}

/// Takes back what an attempt came to.
///
/// Its task is to be done anew. One that is open is told to stop too, and its task waits for an operator.
#[utoipa::path(
    post,
    path = "/v1/attempts/{id}/invalidate",
    operation_id = "invalidateAttempt",
    params(("id" = IdSchema, Path, description = "The attempt's id.")),
    request_body = BecauseSchema,
    responses(
        (status = 200, description = "It is in the log.", body = AttemptOrdered),
        BadRequest,
        NoSuchThing,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn invalidate(
    State(ledger): State<Ledger>,
    id: Result<Path<String>, PathRejection>,
    Order(because): Order<Because>,
) -> Result<Json<AttemptOrdered>, Problem> {
    let invalidate = |attempt, reason| Command::InvalidateAttempt { attempt, reason };
    ordered(&ledger, id, because, "invalidated", invalidate).await
}

/// Has an order about an attempt recorded, and says what became of it.
async fn ordered(
    ledger: &Ledger,
    id: Result<Path<String>, PathRejection>,
    because: Because,
    status: &str,
    order: impl FnOnce(AttemptId, String) -> Command,
) -> Result<Json<AttemptOrdered>, Problem> {
    let attempt_id = attempt_id(id)?;
    carry_out(ledger, order(attempt_id.clone(), because.reason()?)).await?;
    Ok(Json(AttemptOrdered { status: status.to_owned(), attempt_id }))
}
