//! `ProcessExecutor`: runs each attempt as a process of this machine, under a supervisor that outlives the host.

use super::attempts::Attempts;
use super::config::ProcessExecutorConfig;
use super::state_dir::StateDir;
use super::watch::watch;
use async_trait::async_trait;
use futures::stream::BoxStream;
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError, Observation};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use std::sync::Arc;
use std::time::Duration;

/// Runs attempts on this machine. They survive a restart of the host: the next executor on the same state directory goes
/// on with them. Its requests and streams must run within a tokio runtime that has I/O and time switched on.
///
/// An attempt whose supervisor was killed, or whose machine was restarted, ends as [`Cause::Lost`]. A worker that was
/// killed by signal n ends with exit code 128 + n.
///
/// [`Cause::Lost`]: leviathan_core::executor::Cause::Lost
#[derive(Debug, Clone)]
pub struct ProcessExecutor {
    name: ExecutorName,
    attempts: Arc<Attempts>,
}

impl ProcessExecutor {
    /// Opens or makes the state directory, and clears away what an earlier host left half made in it.
    ///
    /// # Errors
    /// `Unavailable` if the directory cannot be used; `Rejected` if the configuration names no supervisor or no worker.
    pub fn open(config: ProcessExecutorConfig) -> Result<Self, ExecutorError> {
        if config.supervisor.is_empty() || config.worker.is_empty() {
            return Err(ExecutorError::rejected(
                "a process executor needs a command line for supervisors and one for workers",
            ));
        }
        let (state, name) = StateDir::open(&config.state_dir).map_err(|error| {
            ExecutorError::unavailable(format!("could not open the executor's state directory: {error}"))
                .with_source(error)
        })?;
        Ok(Self { name, attempts: Arc::new(Attempts::new(config, state)) })
    }
}

#[async_trait]
impl Executor for ProcessExecutor {
    /// Drawn once for each state directory, and kept there.
    fn name(&self) -> &ExecutorName {
        &self.name
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        self.attempts.launch(spec, created).await
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        self.attempts.cancel(attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        self.attempts.release(attempt).await
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        watch(Arc::clone(&self.attempts))
    }
}
