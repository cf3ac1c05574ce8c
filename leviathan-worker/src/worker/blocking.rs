//! Running steps that block under a time limit.

use crate::Failure;
use leviathan_core::executor::Cause;
use std::time::Duration;
use tokio::time::timeout;

/// The longest that one step towards the remote may take; a server that is silent for ever must not cost more.
pub(super) const NETWORK_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Runs a step on a thread for blocking work. When `limit` is over the thread is left behind, and the failure has the
/// cause `late`; one that has no time at all is not begun, and `deadline_exceeded`.
pub(super) async fn blocking<T: Send + 'static>(
    doing: &str,
    limit: Duration,
    late: Cause,
    step: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    if limit.is_zero() {
        return Err(Failure::new(Cause::DeadlineExceeded, format!("no time was left for {doing}")));
    }
    match timeout(limit, tokio::task::spawn_blocking(step)).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            let cause = Cause::Other("worker_fault".to_owned());
            Err(Failure::new(cause, format!("{doing} broke off, a fault of the worker: {error}")))
        }
        Err(_) => Err(Failure::new(late, format!("{doing} was not done after {} s", limit.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_step_that_hangs_is_left_behind() {
        let (release, held) = mpsc::channel::<()>();
        let step = move || {
            let _ = held.recv();
            Ok(())
        };
        let failure =
            blocking("cloning", Duration::from_millis(10), Cause::CloneFailed, step).await.unwrap_err();
        assert_eq!(failure.cause, Cause::CloneFailed);
        assert!(failure.summary.contains("cloning was not done"), "{failure}");
        drop(release);
    }

    #[tokio::test]
    async fn a_step_without_time_is_not_begun() {
        let step = || -> Result<(), Failure> { panic!("it was begun") };
        let failure = blocking("pushing", Duration::ZERO, Cause::PushFailed, step).await.unwrap_err();
        assert_eq!(failure.cause, Cause::DeadlineExceeded);
    }

    #[tokio::test]
    async fn a_step_that_panics_is_a_failure() {
        let limit = Duration::from_secs(60);
        let step = || -> Result<(), Failure> { panic!("seen by a test") };
        let failure = blocking("cloning", limit, Cause::CloneFailed, step).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Other("worker_fault".to_owned()));
    }
}
