//! `release`: forgets a finished attempt.

use super::api_error::ApiError;
use super::shared::Shared;
use kube::api::PropagationPolicy;
use leviathan_core::executor::ExecutorError;
use leviathan_core::id::AttemptId;

/// Deletes the Job, and with it its pod and its Secret.
pub(super) async fn release(shared: &Shared, attempt: &AttemptId) -> Result<(), ExecutorError> {
    shared.synced().await?;
    let found = shared.board.read(|table| {
        let tracked = table.get(attempt)?;
        Some((tracked.is_finished(), tracked.job_gone, tracked.identity.clone()))
    });
    let Some((is_finished, job_gone, identity)) = found else { return Ok(()) };
    if !is_finished {
        return Err(ExecutorError::rejected(format!(
            "{attempt} has not finished: cancel it, or wait for its end"
        )));
    }
    if !job_gone {
        let (name, uid) = (&identity.job_name, &identity.uid);
        let deleted = shared.cluster.delete_job(name, uid, PropagationPolicy::Background).await;
        deleted.map_err(ApiError::into_executor_error)?;
    }
    shared.board.change(|table| table.give_up(attempt, &identity.uid));
    Ok(())
}
