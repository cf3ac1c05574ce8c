//! `POST /v1/tasks/{target}/{id}/retry`.

use super::body::Order;
use super::carry_out::carry_out;
use super::reason::Because;
use crate::Problem;
use crate::server::named::task_key;
use crate::server::refusals::{BadRequest, BodyTooLarge, NoSuchThing, NotAsThingsAre};
use crate::view::TaskOrdered;
use crate::view::schema::{BecauseSchema, IdSchema};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use leviathan_core::Ledger;
use leviathan_core::decide::Command;

/// Lets a failed or blocked task be tried again.
///
/// Its tries are counted anew.
#[utoipa::path(
    post,
    path = "/v1/tasks/{target}/{id}/retry",
    operation_id = "retryTask",
    params(
        ("target" = IdSchema, Path, description = "The task's target."),
        ("id" = IdSchema, Path, description = "The task's id."),
    ),
    request_body = BecauseSchema,
    responses(
        (status = 200, description = "It is in the log.", body = TaskOrdered),
        BadRequest,
        NoSuchThing,
        NotAsThingsAre,
        BodyTooLarge,
    )
)]
pub(in crate::server) async fn retry(
    State(ledger): State<Ledger>,
    named: Result<Path<(String, String)>, PathRejection>,
    Order(because): Order<Because>,
) -> Result<Json<TaskOrdered>, Problem> {
    let task = task_key(named)?;
    let reason = because.reason()?;
    carry_out(&ledger, Command::RetryTask { task: task.clone(), reason }).await?;
    Ok(Json(TaskOrdered { status: "retried".to_owned(), target: task.target_id, task_id: task.task_id }))
}
