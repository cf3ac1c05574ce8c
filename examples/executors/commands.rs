//! An executor by the whole trait: it runs one command line for each attempt, and remembers in memory how it ended.

use super::run::Run;
use super::watching::Watching;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError, Observation, Phase, worker_env};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::{Hash, Head};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is held: every attempt that was launched and not yet released.
pub(super) type Held = BTreeMap<AttemptId, Attempt>;

/// One attempt that is held.
#[derive(Debug)]
pub(super) struct Attempt {
    /// Tells a repeated launch from one of another spec.
    spec: Hash,
    /// How far it is.
    pub(super) phase: Phase,
    /// When a cancel kills it. Its run waits for this.
    kill_at: watch::Sender<Option<Instant>>,
}

/// Runs `sh -c COMMAND` for each attempt. The command may know nothing of Leviathan: it finds its task in the environment,
/// as `TASK_ID` and the other names of [`worker_env`], and its exit code is the outcome.
///
/// What is held is the value of one `watch` channel. That makes every request one change, done whole or not at all however
/// its future is dropped; and whoever watches sees the latest value, so a slow reader makes nothing grow.
///
/// Attempts end with their executor, as nothing would adopt them: a new one holds nothing, and the scheduler records them as
/// lost. A host that is killed can't see to that, and leaves its commands to themselves; an executor whose attempts live on
/// keeps this state where a new one finds it, and kills what it finds in the name of the old.
#[derive(Debug)]
pub(crate) struct Commands {
    name: ExecutorName,
    command: String,
    held: watch::Sender<Held>,
    /// Dropping it drops every run, and so kills its command.
    runs: Mutex<JoinSet<()>>,
}

impl Commands {
    /// An executor that runs `command`. It must be used on a tokio runtime.
    pub(crate) fn new(name: ExecutorName, command: impl Into<String>) -> Self {
        let (held, _) = watch::channel(Held::new());
        Self { name, command: command.into(), held, runs: Mutex::default() }
    }

    /// Starts the command, and lets its run say in `held` how it ended.
    fn start(&self, spec: &AttemptSpec, created: &Head) -> Result<Attempt, ExecutorError> {
        let attempt_id = spec.attempt_id.clone();
        let mut command = Command::new("sh");
        command.args(["-c", &self.command]).process_group(0).stdin(std::process::Stdio::null());
        // The host's environment holds its secrets, so the command sees none of it but where programs are.
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(worker_env::attempt_env(spec, created));
        let child = command.spawn().map_err(|error| {
            ExecutorError::unavailable(format!("the command of {attempt_id} was not started"))
                .with_source(error)
        })?;

        let (kill_at, killed) = watch::channel(None);
        let run = Run::new(child, spec, killed);
        let held = self.held.clone();
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        while runs.try_join_next().is_some() {} // Else those that ended would pile up.
        runs.spawn(async move {
            let end = run.end().await;
            held.send_modify(|held| {
                if let Some(attempt) = held.get_mut(&attempt_id) {
                    attempt.phase = Phase::Finished(Box::new(end));
                }
            });
        });
        Ok(Attempt { spec: spec.hash(), phase: Phase::Running, kill_at })
    }
}

#[async_trait]
impl Executor for Commands {
    fn name(&self) -> &ExecutorName {
        &self.name
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        let mut answer = Ok(());
        self.held.send_if_modified(|held| match held.entry(spec.attempt_id.clone()) {
            Entry::Occupied(held) if held.get().spec == spec.hash() => false,
            Entry::Occupied(held) => {
                answer = Err(ExecutorError::conflict(format!("{} is held with another spec", held.key())));
                false
            }
            Entry::Vacant(place) => match self.start(spec, created) {
                Ok(attempt) => {
                    place.insert(attempt);
                    true
                }
                Err(error) => {
                    answer = Err(error);
                    false
                }
            },
        });
        answer
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        if let Some(attempt) = self.held.borrow().get(attempt) {
            let asked = Instant::now() + grace;
            attempt.kill_at.send_modify(|at| *at = Some(at.map_or(asked, |at| at.min(asked))));
        }
        Ok(())
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        let mut answer = Ok(());
        self.held.send_if_modified(|held| match held.get(attempt).map(|attempt| &attempt.phase) {
            Some(Phase::Finished(_)) => held.remove(attempt).is_some(),
            Some(_) => {
                answer = Err(ExecutorError::rejected(format!("{attempt} has not finished")));
                false
            }
            None => false,
        });
        answer
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        let watching = Watching::new(self.held.subscribe());
        stream::unfold(watching, async |mut watching| Some((Ok(watching.next().await?), watching))).boxed()
    }
}
