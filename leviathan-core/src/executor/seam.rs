//! `Executor`: the seam itself.

use super::{AttemptSpec, ExecutorError, Observation};
use crate::id::{AttemptId, ExecutorName};
use crate::log::Head;
use async_trait::async_trait;
use futures::stream::BoxStream;
use std::{fmt, time::Duration};

/// Runs attempts somewhere else. Implement it with `#[async_trait]` of the crate `async-trait`.
///
/// # Contract
/// - The three requests return once the request is made, not once its effect is seen, and may be repeated at will: after
///   a restart the scheduler asks again for what the log says.
/// - Every future and the stream may be dropped at any point; a repeated request finishes what a dropped one began.
/// - An attempt is held from its `launch` to its `release`. A finished one is remembered until then, with the same end for
///   every watch. After `cancel`, [`Observation::Gone`] may stand for its end.
/// - [`watch`](Self::watch) opens with everything held now, then [`Observation::Synced`], once, then changes. There may be
///   several watches at once. The phase of an attempt never goes back, within one watch or between two; phases may be left
///   out and said again, so a watch that is read slowly need not keep what happened in between.
/// - What a `launch` that returned `Ok` made is seen by every watch that begins after it, unless it is released or gone.
/// - An attempt that goes on beyond its spec's `deadline_seconds` is killed, and ends as
///   [`Cause::DeadlineExceeded`](super::Cause::DeadlineExceeded). Without a deadline an executor may have one of its own.
/// - A restarted host opens its executor under the same [`name`](Self::name), and that one holds what goes on. Attempts
///   that ended with their host are held no more, or end as [`Cause::Lost`](super::Cause::Lost): the scheduler records
///   them as lost and tries their tasks again, so nothing of them may go on unseen.
///
/// The suite in `leviathan_core::conformance` (feature `conformance`) has a test for each promise.
///
/// # Where it runs
/// The scheduler polls requests and watch on the host's runtime, all in one task: a poll that blocks holds up every other
/// attempt. An executor may need a certain runtime, and then says so; core needs none.
///
/// # Example
/// What a scheduler does with an executor, whatever it is:
///
/// ```
/// use futures::StreamExt;
/// use leviathan_core::executor::{AttemptSpec, End, Executor, ExecutorError, Observation, Phase};
/// use leviathan_core::log::Head;
///
/// async fn run(executor: &dyn Executor, spec: &AttemptSpec, created: &Head) -> Result<End, ExecutorError> {
///     executor.launch(spec, created).await?;
///     let mut watch = executor.watch();
///     while let Some(seen) = watch.next().await {
///         match seen? {
///             Observation::Held(seen) if seen.attempt_id == spec.attempt_id => {
///                 if let Phase::Finished(end) = seen.phase {
///                     // The scheduler makes the outcome durable before it lets the executor forget it.
///                     executor.release(&spec.attempt_id).await?;
///                     return Ok(*end);
///                 }
///             }
///             Observation::Gone(gone) if gone == spec.attempt_id => break,
///             _ => {}
///         }
///     }
///     Err(ExecutorError::unavailable(format!("{} is not held any more", spec.attempt_id)))
/// }
/// ```
#[async_trait]
pub trait Executor: fmt::Debug + Send + Sync + 'static {
    /// What one watch covers, for instance a state directory's id. Recorded in `attempt.created`; attempts of other
    /// executors are left alone. So it must be the same after a restart: attempts of a name that nobody has any more stay open
    /// until an operator ends them. Two executors share a name only if each holds all that the other does, as those of two
    /// hosts on one cluster.
    fn name(&self) -> &ExecutorName;

    /// Makes the attempt exist. Repeating it is harmless, also after the attempt finished: it runs once. Of an attempt that
    /// was released nothing needs to be known; it is never launched again.
    ///
    /// `created` is where its `attempt.created` stands in the log. It goes to the worker, not into the spec's hash.
    ///
    /// # Errors
    /// `Conflict` if the attempt is held with another spec, by [`AttemptSpec::hash`]; `Rejected` if it can never run;
    /// `Unavailable` to be asked again. [`ExecutorErrorKind`](super::ExecutorErrorKind) says what follows from each.
    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError>;

    /// Asks the attempt to stop, and kills it after `grace`. An attempt that is unknown or has finished is not an error.
    ///
    /// It is not remembered for a launch to come: the scheduler asks for one thing after another.
    ///
    /// # Errors
    /// `Unavailable` to be asked again.
    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError>;

    /// Forgets a finished attempt and frees what it held; no other. An unknown attempt is not an error.
    ///
    /// # Errors
    /// `Unavailable` to be asked again; `Rejected` while it is not finished.
    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError>;

    /// Everything held now, then [`Observation::Synced`], then changes and [`Observation::Gone`].
    ///
    /// It goes on for as long as the executor lives. An error ends it, and so does its end: the caller watches anew, after
    /// a pause, and takes the new opening for the truth.
    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>>;
}
