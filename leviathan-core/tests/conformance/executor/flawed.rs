//! `FlawedExecutor`: a good executor, but for one flaw.

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use leviathan_core::executor::{
    AttemptSpec, End, Executor, ExecutorError, ExecutorErrorKind, InProcess, Observation, Phase, Sighting,
};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What is wrong with an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// Takes a finished attempt for none.
    RunsAgainWhatFinished,
    /// Does not compare specs.
    TakesAnotherSpec,
    /// Remembers a launch before it is made, so that one dropped between is never made.
    NotesBeforeItLaunches,
    /// Shows what runs only when it changes.
    OpensWithWhatFinished,
    /// Says `Synced` with each list.
    SyncsTwice,
    /// Lists what runs as it was when it was launched.
    OpensWithSubmitted,
    /// Lets an old sighting through behind the end.
    RunsOnAfterItsEnd,
    /// Says that an attempt ended, and nothing more.
    EndsWithoutAWord,
    /// Leaves success to the final message.
    LosesTheExitCode,
    /// Tells each end to whoever reads first.
    TellsAnEndOnce,
    /// Keeps one place in the list for all watches.
    GoesOnWhereAWatchWasDropped,
    /// Cleans up failures that it has told once.
    ForgetsFailuresItTold,
    /// Cleans up all that finished with any release.
    ReleasesAllThatFinished,
    /// Takes a release and does nothing.
    ReleasesNothing,
    /// Takes the release of an attempt that runs.
    ReleasesAnything,
    /// Takes the release of an unknown attempt for an error.
    MissesWhatItReleases,
    /// Remembers a release before it is made.
    NotesBeforeItReleases,
    /// Waits for the grace to be over instead of asking.
    DoesNotAsk,
    /// Asks, and leaves it at that.
    DoesNotKill,
    /// Takes the cancel of an unknown attempt for an error.
    MissesWhatItCancels,
    /// Remembers a cancel before it is made.
    NotesBeforeItCancels,
    /// Lets every attempt run for ever.
    IgnoresTheDeadline,
    /// Forgets at a restart what it launched.
    KnowsOnlyItsOwn,
    /// Takes what it cannot find after a restart for done.
    ClaimsSuccessAfterARestart,
}

/// A good executor, but for one flaw. The attempts are run by another, which survives this one's restarts.
#[derive(Debug)]
pub(super) struct FlawedExecutor {
    flaw: Flaw,
    restarted: bool,
    inner: Arc<InProcess>,
    /// What the flaw needs to remember.
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    launched: BTreeSet<String>,
    known: BTreeSet<AttemptId>,
    noted: BTreeSet<AttemptId>,
    told: BTreeSet<AttemptId>,
}

impl FlawedExecutor {
    pub(super) fn new(flaw: Flaw, inner: Arc<InProcess>) -> Self {
        Self { flaw, restarted: false, inner, memory: Arc::default() }
    }

    pub(super) fn reopen(self) -> Self {
        Self { restarted: true, ..Self::new(self.flaw, self.inner) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    /// Notes what will be asked of an attempt. Tells whether that is new.
    fn note(&self, attempt: &AttemptId) -> bool {
        self.memory().noted.insert(attempt.clone())
    }

    fn knows(&self, attempt: &AttemptId) -> bool {
        self.memory().known.contains(attempt)
    }
}

#[async_trait]
impl Executor for FlawedExecutor {
    fn name(&self) -> &ExecutorName {
        self.inner.name()
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        self.memory().known.insert(spec.attempt_id.clone());
        let first = self.memory().launched.insert(spec.hash().to_string());
        match self.flaw {
            Flaw::RunsAgainWhatFinished if !first => {
                // It is refused while the attempt runs.
                let _ = self.inner.release(&spec.attempt_id).await;
            }
            Flaw::NotesBeforeItLaunches if !first => return Ok(()),
            Flaw::NotesBeforeItLaunches => tokio::task::yield_now().await,
            _ => {}
        }
        let endless = AttemptSpec { deadline_seconds: None, ..spec.clone() };
        let spec = if self.flaw == Flaw::IgnoresTheDeadline { &endless } else { spec };
        match self.inner.launch(spec, created).await {
            Err(error)
                if self.flaw == Flaw::TakesAnotherSpec && error.kind() == ExecutorErrorKind::Conflict =>
            {
                Ok(())
            }
            answer => answer,
        }
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        match self.flaw {
            Flaw::DoesNotAsk if grace > Duration::from_secs(1) => Ok(()),
            Flaw::DoesNotKill => self.inner.cancel(attempt, Duration::MAX).await,
            Flaw::MissesWhatItCancels if !self.knows(attempt) && !self.restarted => {
                Err(ExecutorError::unavailable(format_args!("no attempt {attempt}")))
            }
            Flaw::KnowsOnlyItsOwn if !self.knows(attempt) => Ok(()),
            Flaw::NotesBeforeItCancels if !self.note(attempt) => Ok(()),
            Flaw::NotesBeforeItCancels => {
                tokio::task::yield_now().await;
                self.inner.cancel(attempt, grace).await
            }
            _ => self.inner.cancel(attempt, grace).await,
        }
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        match self.flaw {
            Flaw::ReleasesAllThatFinished => {
                let known = self.memory().known.clone();
                for attempt in known {
                    // It is refused while the attempt runs.
                    let _ = self.inner.release(&attempt).await;
                }
                self.inner.release(attempt).await
            }
            Flaw::ReleasesNothing if self.memory().told.contains(attempt) => Ok(()),
            Flaw::ReleasesAnything => self.inner.release(attempt).await.or(Ok(())),
            Flaw::MissesWhatItReleases if !self.knows(attempt) => {
                Err(ExecutorError::rejected(format_args!("no attempt {attempt}")))
            }
            Flaw::NotesBeforeItReleases if !self.note(attempt) => Ok(()),
            Flaw::NotesBeforeItReleases => {
                tokio::task::yield_now().await;
                self.inner.release(attempt).await
            }
            _ => self.inner.release(attempt).await,
        }
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        let (flaw, restarted) = (self.flaw, self.restarted);
        let (inner, memory) = (Arc::clone(&self.inner), Arc::clone(&self.memory));
        let forget = async move {
            let told = memory.lock().unwrap().told.clone();
            if flaw == Flaw::ForgetsFailuresItTold {
                for attempt in told {
                    inner.release(&attempt).await.unwrap();
                }
            }
            (inner, memory)
        };
        let tell = move |(inner, memory): (Arc<InProcess>, Arc<Mutex<Memory>>)| {
            let mut synced = false;
            inner.watch().flat_map(move |seen| {
                let opening = !synced;
                let seen = seen.unwrap();
                synced |= seen == Observation::Synced;
                let told = tell(flaw, restarted, opening, seen, &mut memory.lock().unwrap());
                stream::iter(told).map(Ok)
            })
        };
        stream::once(forget).map(tell).flatten().boxed()
    }
}

/// What a flawed watch says where a good one says `seen`.
fn tell(
    flaw: Flaw,
    restarted: bool,
    opening: bool,
    seen: Observation,
    memory: &mut Memory,
) -> Vec<Observation> {
    let Observation::Held(sighting) = seen else {
        if flaw == Flaw::GoesOnWhereAWatchWasDropped {
            memory.told.clear();
        }
        let times = if flaw == Flaw::SyncsTwice { 2 } else { 1 };
        return vec![seen; times];
    };
    let attempt = sighting.attempt_id.clone();
    let finished = matches!(sighting.phase, Phase::Finished(_));
    let failed = matches!(&sighting.phase, Phase::Finished(end) if end.exit_code != Some(0));
    let at = |phase| Observation::Held(Sighting { phase, ..sighting.clone() });
    let as_it_is = || vec![at(sighting.phase.clone())];
    match flaw {
        Flaw::OpensWithWhatFinished if opening && !finished => vec![],
        Flaw::OpensWithSubmitted if opening && !finished => vec![at(Phase::Submitted)],
        Flaw::RunsOnAfterItsEnd if finished && !opening => {
            vec![at(sighting.phase.clone()), at(Phase::Running)]
        }
        Flaw::EndsWithoutAWord if finished && !failed => vec![at(Phase::Finished(Box::default()))],
        Flaw::LosesTheExitCode => match sighting.phase.clone() {
            Phase::Finished(end) => vec![at(Phase::Finished(Box::new(End { exit_code: None, ..*end })))],
            phase => vec![at(phase)],
        },
        Flaw::TellsAnEndOnce if finished && !opening && !memory.told.insert(attempt.clone()) => vec![],
        Flaw::GoesOnWhereAWatchWasDropped if opening && !memory.told.insert(attempt.clone()) => vec![],
        Flaw::ForgetsFailuresItTold if failed => {
            memory.told.insert(attempt);
            as_it_is()
        }
        Flaw::ReleasesNothing if finished => {
            memory.told.insert(attempt);
            as_it_is()
        }
        Flaw::KnowsOnlyItsOwn if !memory.known.contains(&attempt) => vec![],
        Flaw::ClaimsSuccessAfterARestart if restarted => {
            vec![at(Phase::Finished(Box::new(End { exit_code: Some(0), ..End::default() })))]
        }
        _ => as_it_is(),
    }
}
