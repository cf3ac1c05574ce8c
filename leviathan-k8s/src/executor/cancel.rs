//! `cancel`: asks an attempt to stop.

use super::api_error::ApiError;
use super::shared::Shared;
use kube::api::PropagationPolicy;
use leviathan_core::executor::ExecutorError;
use leviathan_core::id::AttemptId;
use std::time::Duration;
use tokio::time::Instant;

/// Deletes the pod with this grace, then the Job, which stays until the pod is gone. Whoever looks sees how it ended, or
/// that it is gone.
pub(super) async fn cancel(
    shared: &Shared,
    attempt: &AttemptId,
    grace: Duration,
) -> Result<(), ExecutorError> {
    shared.synced().await?;
    let found = shared.board.change(|table| {
        table.cancel(attempt, Instant::now());
        let identity = table.get(attempt).filter(|tracked| tracked.is_open())?.identity.clone();
        let pod = table
            .pod_of(attempt)
            .and_then(|pod| Some((pod.metadata.name.clone()?, pod.metadata.uid.clone()?)));
        Some((identity, pod))
    });
    let Some((identity, pod)) = found else { return Ok(()) };
    if let Some((name, uid)) = pod.filter(|_| !shared.no_pod_deletes.was_met()) {
        match shared.cluster.delete_pod(&name, &uid, whole_seconds(grace)).await {
            Err(error) if error.is_forbidden() => {
                if shared.no_pod_deletes.meet() {
                    let grace = shared.config.termination_grace_seconds;
                    tracing::warn!(%error, grace, "cancelled attempts get the grace of their pod's template");
                }
            }
            deleted => deleted.map_err(ApiError::into_executor_error)?,
        }
    }
    let (name, uid) = (&identity.job_name, &identity.uid);
    let deleted = shared.cluster.delete_job(name, uid, PropagationPolicy::Foreground).await;
    if let Some(left) = deleted.map_err(ApiError::into_executor_error)? {
        shared.board.change(|table| table.see_job(left, Instant::now()));
    }
    Ok(())
}

/// At least one: none would take the pod off the books while its worker goes on.
fn whole_seconds(grace: Duration) -> u32 {
    let seconds = grace.as_secs() + u64::from(grace.subsec_nanos() > 0);
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_is_rounded_up_and_never_none() {
        let graces = [0, 100, 1000, 1001, 30_000].map(Duration::from_millis);
        assert_eq!(graces.map(whole_seconds), [1, 1, 1, 2, 30]);
    }
}
