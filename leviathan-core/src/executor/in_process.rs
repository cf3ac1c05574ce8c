//! `InProcess`: a full executor made of one's own [`RunAttempt`].

mod board;
mod drive;
mod stop;
mod waiting;

pub(crate) use stop::Stop;

use super::{AttemptContext, AttemptSpec, Executor, ExecutorError, Observation, RunAttempt};
use crate::artifact::ArtifactStore;
use crate::id::{AttemptId, ExecutorName};
use crate::log::Head;
use crate::{Clock, Timestamp};
use async_trait::async_trait;
use board::{Board, News};
use futures::FutureExt;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use futures::stream::{self, BoxStream, StreamExt};
use std::{fmt, sync::Arc, time::Duration};

/// Runs attempts within the host's process, as futures that the host spawns on its runtime.
///
/// - A finished attempt is remembered, in memory, until it is released. A watch that is read slowly sees the latest state
///   of each attempt and may miss the ones between; it never makes anything grow.
/// - `cancel` resolves [`AttemptContext::cancelled`]; after the shortest grace that was asked for, the run is dropped and
///   the attempt ends as `cancelled`. After the spec's `deadline_seconds` it is dropped and ends as `deadline_exceeded`;
///   without a deadline it may run for ever.
/// - An attempt whose future the host's runtime drops, for instance at its shutdown, ends as `lost`.
/// - Attempts do not outlive their executor: dropping it drops every run, and ends the watches. A new one of the same
///   name knows nothing of them, so the scheduler records them as `lost` and tries again.
pub struct InProcess {
    name: ExecutorName,
    run: Arc<dyn RunAttempt>,
    spawn: Box<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>,
    clock: Arc<dyn Clock>,
    artifacts: Option<Arc<dyn ArtifactStore>>,
    board: Arc<Board>,
}

impl InProcess {
    /// An executor that runs attempts by `run`.
    ///
    /// `spawn` gets one future for each attempt and lets it run to its end, for instance `|run| { tokio::spawn(run); }`.
    /// Deadlines and the grace of a cancel go by `clock`.
    pub fn new(
        name: ExecutorName,
        run: Arc<dyn RunAttempt>,
        spawn: impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { name, run, spawn: Box::new(spawn), clock, artifacts: None, board: Arc::default() }
    }

    /// The same, its attempts given a store for logs and other artifacts.
    #[must_use]
    pub fn with_artifacts(mut self, artifacts: Arc<dyn ArtifactStore>) -> Self {
        self.artifacts = Some(artifacts);
        self
    }
}

#[async_trait]
impl Executor for InProcess {
    fn name(&self) -> &ExecutorName {
        &self.name
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        let stop = Arc::<Stop>::default();
        let (abort, registration) = AbortHandle::new_pair();
        let Some(ticket) = Board::take(&self.board, spec, Arc::clone(&stop), abort)? else { return Ok(()) };
        let ctx = AttemptContext {
            created: *created,
            clock: Arc::clone(&self.clock),
            artifacts: self.artifacts.clone(),
            stop,
        };
        let driven = drive::drive(Arc::clone(&self.run), spec.clone(), ctx, ticket);
        // There is no await between taking the attempt and spawning it, so no dropped launch leaves it half made.
        (self.spawn)(Abortable::new(driven, registration).map(|_| ()).boxed());
        Ok(())
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        if let Some(stop) = self.board.stop_of(attempt) {
            let grace = chrono::TimeDelta::from_std(grace).unwrap_or(chrono::TimeDelta::MAX);
            stop.ask(self.clock.now().checked_add_signed(grace).unwrap_or(Timestamp::MAX_UTC));
        }
        Ok(())
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        self.board.release(attempt)
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        let watch = Watch { board: Arc::clone(&self.board), seen: 0, synced: false };
        stream::unfold(watch, Watch::next).boxed()
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.board.close();
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("name", &self.name).field("run", &self.run).finish_non_exhaustive()
    }
}

/// One watch: how far on the board it has read, and nothing else, so that a slow one costs no memory.
struct Watch {
    board: Arc<Board>,
    seen: u64,
    synced: bool,
}

impl Watch {
    /// Everything held is said as it stands when it is asked for; the first time there is nothing more, that is `Synced`.
    async fn next(mut self) -> Option<(Result<Observation, ExecutorError>, Self)> {
        loop {
            match self.board.news_after(self.seen) {
                News::Changed(version, sighting) => {
                    self.seen = version;
                    return Some((Ok(Observation::Held(sighting)), self));
                }
                News::Nothing(_) if !self.synced => {
                    self.synced = true;
                    return Some((Ok(Observation::Synced), self));
                }
                // The sender is dropped without a word only with the board, which this watch holds.
                News::Nothing(changed) => _ = changed.await,
                News::Closed => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests;
