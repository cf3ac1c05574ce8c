//! `watch`: what is seen of the attempts of one state directory, as a stream.

use super::attempt_dir::AttemptDir;
use super::attempt_state::AttemptState;
use super::attempts::{Attempts, about, kill_leftovers};
use super::end::{finished_end, lost_end};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, FuturesUnordered, StreamExt};
use leviathan_core::executor::{ExecutorError, Observation, Phase, Sighting};
use leviathan_core::id::AttemptId;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

/// How many attempts are looked at at once when a watch opens.
const OPENING_WIDTH: usize = 8;

pub(crate) fn watch(attempts: Arc<Attempts>) -> BoxStream<'static, Result<Observation, ExecutorError>> {
    let watch = Watch {
        changes: attempts.changes(),
        attempts,
        known: BTreeMap::new(),
        advancing: FuturesUnordered::new(),
        ready: VecDeque::new(),
        progress: Progress::New,
    };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|seen| (seen, watch)) }).boxed()
}

struct Watch {
    attempts: Arc<Attempts>,
    changes: tokio::sync::watch::Receiver<()>,
    known: BTreeMap<PathBuf, Known>,
    /// For each that has not ended: what comes next for it.
    advancing: FuturesUnordered<BoxFuture<'static, (AttemptDir, Step)>>,
    ready: VecDeque<Result<Observation, ExecutorError>>,
    progress: Progress,
}

/// What this watch knows of a directory.
enum Known {
    /// It is there, and will be looked at.
    New,
    /// The attempt that was seen in it has not ended.
    Open(AttemptId),
    /// There is nothing more to say of it.
    Done,
}

#[derive(PartialEq)]
enum Progress {
    New,
    Synced,
    Failed,
}

/// What comes next for one attempt.
enum Step {
    Reached(AttemptId, Phase),
    /// It is there no more.
    Absent,
    /// Something that is no attempt.
    Strange,
    Failed(ExecutorError),
}

impl Watch {
    async fn next(&mut self) -> Option<Result<Observation, ExecutorError>> {
        loop {
            if let Some(seen) = self.ready.pop_front() {
                return Some(seen);
            }
            match self.progress {
                Progress::New => self.open().await,
                Progress::Synced => self.follow().await,
                Progress::Failed => return None,
            }
        }
    }

    /// Everything held now. If this is dropped halfway, it begins anew.
    async fn open(&mut self) {
        self.changes.mark_unchanged();
        let Some(dirs) = self.list() else { return };
        let first = |dir| advance(Arc::clone(&self.attempts), dir, None);
        let steps: Vec<_> = stream::iter(dirs).map(first).buffer_unordered(OPENING_WIDTH).collect().await;
        for (dir, step) in steps {
            self.take(dir, step);
        }
        if self.progress == Progress::New {
            self.ready.push_back(Ok(Observation::Synced));
            self.progress = Progress::Synced;
        }
    }

    /// The next change.
    async fn follow(&mut self) {
        tokio::select! {
            Some((dir, step)) = self.advancing.next() => self.take(dir, step),
            // The sender lives as long as `attempts`.
            _ = self.changes.changed() => {
                for dir in self.list().unwrap_or_default() {
                    if !self.known.contains_key(dir.path()) {
                        self.known.insert(dir.path().to_owned(), Known::New);
                        self.advancing.push(Box::pin(advance(Arc::clone(&self.attempts), dir, None)));
                    }
                }
            }
        }
    }

    /// The directories that are there; ended attempts that are not are forgotten.
    fn list(&mut self) -> Option<Vec<AttemptDir>> {
        match self.attempts.state.list() {
            Ok(dirs) => {
                self.known.retain(|path, known| {
                    !matches!(known, Known::Done) || dirs.iter().any(|dir| dir.path() == path)
                });
                Some(dirs)
            }
            Err(error) => {
                let message = format!("could not list the executor's attempts: {error}");
                self.fail(ExecutorError::unavailable(message).with_source(error));
                None
            }
        }
    }

    fn take(&mut self, dir: AttemptDir, step: Step) {
        let path = dir.path().to_owned();
        match step {
            Step::Reached(attempt_id, phase) => {
                let job_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                if matches!(phase, Phase::Finished(_)) {
                    self.known.insert(path, Known::Done);
                } else {
                    let next = advance(Arc::clone(&self.attempts), dir, Some(phase.rank()));
                    self.advancing.push(Box::pin(next));
                    self.known.insert(path, Known::Open(attempt_id.clone()));
                }
                self.ready.push_back(Ok(Observation::Held(Sighting { attempt_id, phase, job_name })));
            }
            Step::Absent => {
                if let Some(Known::Open(attempt)) = self.known.remove(&path)
                    && !self.attempts.was_released(&attempt)
                {
                    self.ready.push_back(Ok(Observation::Gone(attempt)));
                }
            }
            Step::Strange => {
                self.known.insert(path, Known::Done);
            }
            Step::Failed(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: ExecutorError) {
        self.ready.push_back(Err(error));
        self.progress = Progress::Failed;
    }
}

/// Waits until an attempt is further than `seen` (nothing, or a phase's rank), and helps it on where its launch was cut
/// short.
async fn advance(attempts: Arc<Attempts>, dir: AttemptDir, seen: Option<u8>) -> (AttemptDir, Step) {
    let launch = match dir.launch() {
        Ok(Some(launch)) => launch,
        Ok(None) => return (dir, Step::Absent),
        Err(error) => {
            tracing::warn!(%error, "passing over a directory among the attempts that cannot be read");
            return (dir, Step::Strange);
        }
    };
    let attempt = launch.spec.attempt_id.clone();
    let phase = loop {
        let state = match AttemptState::read(&dir) {
            Ok(state) => state,
            Err(error) => return (dir, Step::Failed(about(&attempt)(error))),
        };
        match state {
            AttemptState::Submitted if seen.is_none() => break Phase::Submitted,
            AttemptState::Submitted => {
                let started = attempts.ensure_supervised(&attempt, &dir).await;
                match (started, AttemptState::read(&dir)) {
                    (Err(error), Ok(AttemptState::Submitted)) => return (dir, Step::Failed(error)),
                    (Err(error), _) => {
                        tracing::warn!(%error, "a launch that was cut short cannot be finished")
                    }
                    (Ok(()), _) => {}
                }
            }
            AttemptState::Running(_) if seen < Some(Phase::Running.rank()) => break Phase::Running,
            AttemptState::Running(supervisor) => {
                if let Err(error) = supervisor.ended().await {
                    return (dir, Step::Failed(about(&attempt)(error)));
                }
            }
            AttemptState::Finished(outcome) => {
                let end = finished_end(&dir, &launch, &outcome, &attempts.config).await;
                break Phase::Finished(Box::new(end));
            }
            AttemptState::Lost(supervisor, why) => {
                kill_leftovers(supervisor.as_ref());
                let end = lost_end(&dir, &launch, why, &attempts.config).await;
                break Phase::Finished(Box::new(end));
            }
            AttemptState::Absent => return (dir, Step::Absent),
        }
    };
    (dir, Step::Reached(attempt, phase))
}
