//! `Attempts`: the attempts of one state directory, and the steps that requests and watches share.

use super::attempt_dir::AttemptDir;
use super::attempt_state::AttemptState;
use super::config::ProcessExecutorConfig;
use super::launch::start_supervisor;
use super::records::{CancelRecord, LaunchRecord};
use super::state_dir::{StateDir, remove_tree};
use super::supervisor_identity::SupervisorIdentity;
use leviathan_core::executor::{AttemptSpec, ExecutorError};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Head;
use rustix::process::Signal;
use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// How many releases are remembered, so that a watch that looks up late does not call them gone.
const REMEMBERED_RELEASES: usize = 1024;

/// What an executor and its watches share.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) config: ProcessExecutorConfig,
    pub(crate) state: StateDir,
    /// Held while a supervisor is started, so that an attempt is not given two at once: harmless, but wasteful.
    starting: tokio::sync::Mutex<()>,
    /// Changes when there may be attempts that were not there before.
    changes: watch::Sender<()>,
    released: Mutex<VecDeque<AttemptId>>,
}

impl Attempts {
    pub(crate) fn new(config: ProcessExecutorConfig, state: StateDir) -> Self {
        Self {
            config,
            state,
            starting: tokio::sync::Mutex::default(),
            changes: watch::Sender::default(),
            released: Mutex::default(),
        }
    }

    pub(crate) async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        let attempt = &spec.attempt_id;
        let dir = self.state.attempt(attempt);
        let record = LaunchRecord {
            spec: spec.clone(),
            spec_hash: spec.hash(),
            created: *created,
            deadline_seconds: spec.deadline_seconds.unwrap_or(self.config.default_deadline_seconds),
        };
        // Also when this future is dropped: a watch then finishes what it began.
        let _changed = Changed(&self.changes);
        if dir.launch().map_err(about(attempt))?.is_none() {
            self.state.create(&record).map_err(about(attempt))?;
        }
        // What is there now may be older, or another host's.
        let held = dir.launch().map_err(about(attempt))?;
        if let Some(held) = held.filter(|held| held.spec_hash != record.spec_hash) {
            return Err(ExecutorError::conflict(format!(
                "attempt {attempt} exists with another spec: its hash is {}, this one's {}",
                held.spec_hash, record.spec_hash
            )));
        }
        self.ensure_supervised(attempt, &dir).await
    }

    pub(crate) async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        let dir = self.state.attempt(attempt);
        let read = || AttemptState::read(&dir).map_err(about(attempt));
        if matches!(read()?, AttemptState::Finished(_) | AttemptState::Lost(..) | AttemptState::Absent) {
            return Ok(());
        }
        // Before the second look: a supervisor that takes the attempt in between reads it.
        dir.request_cancel(&CancelRecord::new(grace)).map_err(about(attempt))?;
        match read()? {
            AttemptState::Running(supervisor) => supervisor.signal(Signal::TERM).map_err(about(attempt)),
            // The supervisor finds the request and leaves an outcome without starting a worker.
            AttemptState::Submitted => {
                let _changed = Changed(&self.changes);
                self.ensure_supervised(attempt, &dir).await
            }
            _ => Ok(()),
        }
    }

    pub(crate) async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        let dir = self.state.attempt(attempt);
        match AttemptState::read(&dir).map_err(about(attempt))? {
            AttemptState::Absent => return Ok(()),
            AttemptState::Submitted | AttemptState::Running(_) => {
                let message = format!("attempt {attempt} is not finished; cancel it, or wait for its end");
                return Err(ExecutorError::rejected(message));
            }
            AttemptState::Finished(_) => {}
            AttemptState::Lost(supervisor, _) => kill_leftovers(supervisor.as_ref()),
        }
        {
            let mut released = self.released();
            released.push_back(attempt.clone());
            if released.len() > REMEMBERED_RELEASES {
                released.pop_front();
            }
        }
        self.remove(&dir).await.map_err(about(attempt))
    }

    /// Whether an attempt that is not there was released, and not lost in another way.
    pub(crate) fn was_released(&self, attempt: &AttemptId) -> bool {
        self.released().contains(attempt)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Starts a supervisor for an attempt that has none. If that fails, the attempt is there no more.
    pub(crate) async fn ensure_supervised(
        &self,
        attempt: &AttemptId,
        dir: &AttemptDir,
    ) -> Result<(), ExecutorError> {
        let _one_at_a_time = self.starting.lock().await;
        if dir.supervisor().map_err(about(attempt))?.is_some() {
            return Ok(());
        }
        let Some(launch) = dir.launch().map_err(about(attempt))? else { return Ok(()) };
        let Err(failed) = start_supervisor(dir, &launch, &self.config).await else { return Ok(()) };
        // One that an earlier, dropped launch started may be about to take it: only who takes it may remove it.
        if dir.claim(&SupervisorIdentity::nobody()).map_err(about(attempt))? {
            self.remove(dir).await.map_err(about(attempt))?;
            return Err(failed);
        }
        Ok(())
    }

    /// Out of sight at once; what cannot be removed then is removed by the next host.
    async fn remove(&self, dir: &AttemptDir) -> io::Result<()> {
        let hidden = self.state.take_away(dir)?;
        let removed = spawn_blocking(move || remove_tree(&hidden)).await.map_err(io::Error::other);
        if let Err(error) = removed.and_then(|removed| removed) {
            tracing::warn!(%error, "could not remove the directory of a released attempt");
        }
        Ok(())
    }

    fn released(&self) -> MutexGuard<'_, VecDeque<AttemptId>> {
        self.released.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells watches to look, when it is dropped.
struct Changed<'a>(&'a watch::Sender<()>);

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        self.0.send_replace(());
    }
}

/// Ends what a lost attempt left running, as far as it can be told apart.
pub(crate) fn kill_leftovers(supervisor: Option<&SupervisorIdentity>) {
    if let Some(Err(error)) = supervisor.map(SupervisorIdentity::kill_leftovers) {
        tracing::warn!(%error, "could not look for what a lost attempt left running");
    }
}

/// Says which attempt a failed step was about.
pub(crate) fn about(attempt: &AttemptId) -> impl Fn(io::Error) -> ExecutorError + use<'_> {
    move |error| ExecutorError::unavailable(format!("attempt {attempt}: {error}")).with_source(error)
}
