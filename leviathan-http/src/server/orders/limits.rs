//! `GET` and `PUT /v1/limits`.

use super::body::Order;
use super::carry_out::carry_out;
use super::reason::checked;
use crate::Problem;
use crate::server::refusals::{BadRequest, BodyTooLarge};
use crate::view::LimitsView;
use crate::view::schema::NewLimitsSchema;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::Limits;
use leviathan_core::decide::Command;
use serde::Deserialize;

/// The limits that hold for the whole log.
#[utoipa::path(
    get,
    path = "/v1/limits",
    operation_id = "limits",
    responses((status = 200, description = "The limits in force.", body = LimitsView))
)]
pub(in crate::server) async fn show(State(ledger): State<Ledger>) -> Json<LimitsView> {
    Json(LimitsView { limits: ledger.read(|graph| *graph.limits()) })
}

/// Other limits, and why.
#[derive(Deserialize)]
pub(in crate::server) struct NewLimits {
    limits: Limits,
    reason: String,
}

/// Puts other limits in force.
///
/// They are taken whole: to change one, ask for them, change it and send them back.
#[utoipa::path(
    put,
    path = "/v1/limits",
    operation_id = "changeLimits",
    request_body = NewLimitsSchema,
    responses(
        (status = 200, description = "They are in force.", body = LimitsView),
        BadRequest,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn change(
    State(ledger): State<Ledger>,
    Order(NewLimits { limits, reason }): Order<NewLimits>,
) -> Result<Json<LimitsView>, Problem> {
    let reason = checked(reason)?;
    carry_out(&ledger, Command::ChangeLimits { limits, reason }).await?;
    Ok(Json(LimitsView { limits }))
}
