//! `GET /v1/tasks/{target}/{id}`: one task.

use crate::Problem;
use crate::server::named::task_key;
use crate::server::refusals::{BadRequest, NoSuchThing};
use crate::server::refuse::NOT_FOUND;
use crate::view::TaskView;
use crate::view::schema::IdSchema;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use leviathan_core::Ledger;
use std::time::SystemTime;

/// One task, and why it does not run if it doesn't.
#[utoipa::path(
    get,
    path = "/v1/tasks/{target}/{id}",
    operation_id = "task",
    params(
        ("target" = IdSchema, Path, description = "The task's target."),
        ("id" = IdSchema, Path, description = "The task's id."),
    ),
    responses((status = 200, description = "The task.", body = TaskView), BadRequest, NoSuchThing)
)]
pub(in crate::server) async fn show(
    State(ledger): State<Ledger>,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<TaskView>, Problem> {
    let key = task_key(named)?;
    let now = SystemTime::now().into();
    let found = ledger.read(|graph| Some(TaskView::of(graph, graph.task(&key)?, now)));
    found.map(Json).ok_or_else(|| NOT_FOUND.because(format_args!("there is no task {key}")))
}
