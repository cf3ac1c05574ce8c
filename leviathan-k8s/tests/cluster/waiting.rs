//! Waits, each with a bound: for what an executor sees, and for what an administrator does.

use futures::StreamExt;
use leviathan_core::executor::{End, Executor, ExecutorError, ExecutorErrorKind, Observation, Phase};
use leviathan_core::id::AttemptId;
use std::time::Duration;

/// Longer than any step takes, also on a node that has to pull the image first.
pub(crate) const STEP: Duration = Duration::from_secs(300);
/// Between two questions, where nothing tells.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for as long as a step may take.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    within(STEP, what, future).await
}

/// Waits so long.
async fn within<T>(bound: Duration, what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(bound, future).await;
    waited.unwrap_or_else(|_| panic!("waited {bound:?} in vain: {what}"))
}

/// Asks until there is an answer.
pub(crate) async fn at_last<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    soon(what, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await
}

/// What is held of an attempt in the end: how it stands once it is like this, or nothing once it is gone.
async fn watched(
    bound: Duration,
    executor: &impl Executor,
    attempt: &AttemptId,
    what: &str,
    like: impl Fn(Option<&Phase>) -> bool,
) -> Option<Phase> {
    within(bound, &format!("{attempt} {what}"), async {
        loop {
            let (mut watch, mut held) = (executor.watch(), false);
            // What keeps a watch from opening passes.
            while let Some(Ok(seen)) = watch.next().await {
                match seen {
                    Observation::Held(seen) if seen.attempt_id == *attempt => {
                        held = true;
                        if like(Some(&seen.phase)) {
                            return Some(seen.phase);
                        }
                    }
                    Observation::Gone(gone) if gone == *attempt && like(None) => return None,
                    Observation::Synced if !held && like(None) => return None,
                    _ => {}
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await
}

/// Watches until its worker runs.
pub(crate) async fn runs(executor: &impl Executor, attempt: &AttemptId) {
    let phase = watched(STEP, executor, attempt, "runs", |phase| phase.is_some_and(|it| it.rank() > 0)).await;
    assert_eq!(phase, Some(Phase::Running), "{attempt} was to go on");
}

/// Watches until it is taken.
pub(crate) async fn is_taken(executor: &impl Executor, attempt: &AttemptId) {
    watched(STEP, executor, attempt, "is taken", |phase| phase.is_some()).await;
}

/// Watches until it has ended.
pub(crate) async fn end_of(executor: &impl Executor, attempt: &AttemptId) -> End {
    end_within(STEP, executor, attempt).await
}

/// Watches so long until it has ended.
pub(crate) async fn end_within(bound: Duration, executor: &impl Executor, attempt: &AttemptId) -> End {
    match watched(bound, executor, attempt, "ends", |phase| phase.is_some_and(|it| it.rank() == 2)).await {
        Some(Phase::Finished(end)) => *end,
        other => unreachable!("{other:?}"),
    }
}

/// Watches until it is held no more.
pub(crate) async fn gone(executor: &impl Executor, attempt: &AttemptId) {
    watched(STEP, executor, attempt, "is gone", |phase| phase.is_none()).await;
}

/// Asks until it is done, as the scheduler does.
pub(crate) async fn done<F: Future<Output = Result<(), ExecutorError>>>(what: &str, ask: impl Fn() -> F) {
    soon(what, async {
        while let Err(error) = ask().await {
            assert_eq!(error.kind(), ExecutorErrorKind::Unavailable, "{error}");
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await;
}

/// Watches until it has ended, or is held no more as it may be after a cancel.
pub(crate) async fn gone_or_ended(executor: &impl Executor, attempt: &AttemptId) {
    watched(STEP, executor, attempt, "stops", |phase| phase.is_none_or(|it| it.rank() == 2)).await;
}
