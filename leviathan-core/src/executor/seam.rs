//! `Executor`: the seam itself.

use super::{AttemptSpec, ExecutorError, Observation};
use crate::id::{AttemptId, ExecutorName};
use crate::log::Head;
use async_trait::async_trait;
use futures::stream::BoxStream;
use std::{fmt, time::Duration};

/// Runs attempts somewhere else.
///
/// # Contract
/// - The three requests return once the request is made, not once its effect is seen, and may be repeated at will: after
///   a restart the scheduler asks again for what the log says.
/// - Every future and the stream may be dropped at any point; a repeated request finishes what a dropped one began.
/// - A finished attempt is remembered until it is released. After `cancel`, [`Observation::Gone`] may stand for its end.
/// - [`watch`](Self::watch) opens with everything held now, then [`Observation::Synced`], then changes. The phase of an
///   attempt never goes back, within one watch or between two.
/// - What a `launch` that returned `Ok` made is seen by every watch that begins after it, unless it is released or gone.
///
/// The suite in `leviathan_core::conformance` (feature `conformance`) has a test for each promise.
#[async_trait]
pub trait Executor: fmt::Debug + Send + Sync + 'static {
    /// What one watch covers, for instance a state directory's id. Recorded in `attempt.created`; attempts of other
    /// executors are left alone.
    fn name(&self) -> &ExecutorName;

    /// Makes the attempt exist. Repeating it is harmless, also after the attempt finished.
    ///
    /// `created` is where its `attempt.created` stands in the log. It goes to the worker, not into the spec's hash.
    ///
    /// # Errors
    /// `Conflict` if the attempt exists with another spec; `Rejected` if it can never run; `Unavailable` to be asked again.
    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError>;

    /// Asks the attempt to stop, and kills it after `grace`. An unknown attempt is not an error.
    ///
    /// # Errors
    /// `Unavailable` to be asked again.
    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError>;

    /// Forgets a finished attempt and frees what it held. An unknown attempt is not an error.
    ///
    /// # Errors
    /// `Unavailable` to be asked again; `Rejected` while it is not finished.
    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError>;

    /// Everything held now, then [`Observation::Synced`], then changes and [`Observation::Gone`].
    ///
    /// An error ends the stream; the caller watches anew, after a pause.
    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>>;
}
