//! What a request's path names.

use super::refuse::{BAD_REQUEST, bad_part};
use crate::Problem;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use leviathan_core::BundleFault;
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{AttemptId, TargetId, TaskId};

/// The attempt that a path names.
pub(super) fn attempt_id(named: Result<Path<String>, PathRejection>) -> Result<AttemptId, Problem> {
    let Path(id) = named.map_err(|error| bad_part("attempt_id", error))?;
    AttemptId::new(id).map_err(|error| bad_part("attempt_id", error))
}

/// The target that a path names.
pub(super) fn target_id(named: Result<Path<String>, PathRejection>) -> Result<TargetId, Problem> {
    let Path(id) = named.map_err(|error| bad_part("target_id", error))?;
    TargetId::new(id).map_err(|error| bad_part("target_id", error))
}

/// The task that a path names.
pub(super) fn task_key(named: Result<Path<(String, String)>, PathRejection>) -> Result<TaskKey, Problem> {
    let Path((target, task)) = named.map_err(|error| bad_part("target_id and task_id", error))?;
    match (TargetId::new(target), TaskId::new(task)) {
        (Ok(target), Ok(task)) => Ok(TaskKey::new(target, task)),
        (target, task) => {
            let fault = |path: &str, what: String| BundleFault { path: path.to_owned(), what };
            let target = target.err().map(|error| fault("target_id", error.to_string()));
            let task = task.err().map(|error| fault("task_id", error.to_string()));
            let faults = target.into_iter().chain(task).collect();
            Err(BAD_REQUEST.because("the path names no task").with_faults(faults))
        }
    }
}
