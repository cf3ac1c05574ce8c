//! `POST /v1/attempts/{id}/cancel` and `/invalidate`.

use super::body::Order;
use super::carry_out::carry_out;
use super::reason::Because;
use crate::Problem;
use crate::server::named::attempt_id;
use crate::server::refusals::{BadRequest, BodyTooLarge, NoSuchThing, NotAsThingsAre};
use crate::view::AttemptOrdered;
use crate::view::schema::BecauseSchema;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use leviathan_core::Ledger;
use leviathan_core::decide::Command;

/// Wants an attempt to stop.
///
/// The scheduler that leads tells its executor. It may still succeed; else it ends as cancelled, and its task waits for an
/// operator.
#[utoipa::path(
    post,
    path = "/v1/attempts/{id}/cancel",
    operation_id = "cancelAttempt",
    params(("id" = String, Path, description = "The attempt's id.")),
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
    let attempt = attempt_id(id)?;
    let reason = because.reason()?;
    carry_out(&ledger, Command::CancelAttempt { attempt: attempt.clone(), reason }).await?;
    let ordered = AttemptOrdered { status: "cancel_requested".to_owned(), attempt_id: attempt };
    Ok((StatusCode::ACCEPTED, Json(ordered)))
}

/// Takes back what an attempt came to.
///
/// Its task is to be done anew. One that is open is told to stop too, and its task waits for an operator.
#[utoipa::path(
    post,
    path = "/v1/attempts/{id}/invalidate",
    operation_id = "invalidateAttempt",
    params(("id" = String, Path, description = "The attempt's id.")),
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
    let attempt = attempt_id(id)?;
    let reason = because.reason()?;
    carry_out(&ledger, Command::InvalidateAttempt { attempt: attempt.clone(), reason }).await?;
    Ok(Json(AttemptOrdered { status: "invalidated".to_owned(), attempt_id: attempt }))
}
