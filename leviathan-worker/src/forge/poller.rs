//! `ForgePoller`: asks a forge how a target's pull requests stand, and tells the ledger.

use super::error::Kinds;
use super::{Asked, Forge, ForgeError};
use crate::workspace::work_branch;
use futures::future::BoxFuture;
use leviathan_core::decide::{Command, SeenPullRequest};
use leviathan_core::graph::{Graph, PullRequestState, TaskState};
use leviathan_core::id::TargetId;
use leviathan_core::{Clock, Ledger, Timestamp};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How often a forge is asked.
const PERIOD: Duration = Duration::from_secs(60);
/// How far apart two askings are at least, however often something is said to have happened.
const BREATH: Duration = Duration::from_secs(5);
/// How long one asking may take.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a forge may be silent before nothing more is started.
const SILENCE: Duration = Duration::from_secs(10 * 60);

/// Brings a target's backlog up to its default branch as it is now, or says why that can't be done.
pub type Refresh = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Asks a forge each minute how a target's pull requests stand, and tells the ledger. Ten minutes without an answer are
/// told too, and so is it if the very first asking is in vain: then nothing of the target is started until it answers.
///
/// One poller of a target is enough for all processes that share a log.
pub struct ForgePoller {
    ledger: Ledger,
    forge: Arc<dyn Forge>,
    clock: Arc<dyn Clock>,
    target: TargetId,
    refresh: Option<Refresh>,
    wake: Arc<Notify>,
    answered: Option<Timestamp>,
    asked_first: Option<Timestamp>,
}

impl ForgePoller {
    /// A poller of the pull requests of `target`. Nothing is asked yet.
    pub fn new(ledger: Ledger, forge: Arc<dyn Forge>, clock: Arc<dyn Clock>, target: TargetId) -> Self {
        Self {
            ledger,
            forge,
            clock,
            target,
            refresh: None,
            wake: Arc::default(),
            answered: None,
            asked_first: None,
        }
    }

    /// Has `refresh` done before a merge is told. Tasks that waited for the merge start from the commit that the backlog was
    /// last read at: only after that reading does it hold the work that was merged. A merge is kept back while it fails.
    #[must_use]
    pub fn before_merges(self, refresh: Refresh) -> Self {
        Self { refresh: Some(refresh), ..self }
    }

    /// Asks soon, and not only once a minute is over, when this is notified: a webhook may say that something happened.
    #[must_use]
    pub fn woken_by(self, wake: Arc<Notify>) -> Self {
        Self { wake, ..self }
    }

    /// Asks each minute until the ledger stops, at once if it has not asked before, and soon when it is woken.
    pub async fn run(mut self) {
        while self.ledger.stopped().is_none() {
            if self.asked_first.is_some() {
                self.clock.sleep(BREATH).await;
                let minute = self.clock.sleep(PERIOD - BREATH);
                tokio::select! {
                    () = minute => {}
                    () = self.wake.notified() => {}
                }
            }
            if let Err(error) = self.poll().await {
                tracing::warn!(target = %self.target, %error, "the forge does not say how pull requests stand");
            }
        }
    }

    /// Asks once and tells the ledger what came of it.
    ///
    /// # Errors
    /// Why the forge did not answer, or why what it said was not recorded. Asking again is harmless.
    pub async fn poll(&mut self) -> Result<(), ForgeError> {
        let now = self.clock.now();
        let asked_first = *self.asked_first.get_or_insert(now);
        let asked = self.ledger.read(|graph| asked(graph, &self.target));
        match self.forge.pull_requests(&asked, now + PATIENCE).await {
            Ok(seen) => {
                self.answered = Some(now);
                self.tell(seen).await
            }
            Err(error) => {
                let silent = match self.answered {
                    None => true,
                    Some(answered) => self.clock.now() - answered >= to_delta(SILENCE),
                };
                if silent {
                    let (target, reason) = (self.target.clone(), error.to_string());
                    let since = self.answered.unwrap_or(asked_first);
                    self.submit(Command::ForgeSilent { target, since, reason }).await?;
                }
                Err(error)
            }
        }
    }

    async fn tell(&self, mut seen: Vec<SeenPullRequest>) -> Result<(), ForgeError> {
        self.ledger.read(|graph| seen.iter_mut().for_each(|seen| distrust(graph, &self.target, seen)));
        let mut kept_back = Ok(());
        if let Some(refresh) = &self.refresh
            && self.ledger.read(|graph| seen.iter().any(|seen| is_new_merge(graph, &self.target, seen)))
            && let Err(why) = refresh().await
        {
            seen.retain(|seen| seen.state != PullRequestState::Merged);
            kept_back = Err(ForgeError::unavailable(format!(
                "a merge was not recorded, because the default branch can't be read: {why}"
            )));
        }
        self.submit(Command::ForgeAnswered { target: self.target.clone(), pull_requests: seen }).await?;
        kept_back
    }

    async fn submit(&self, command: Command) -> Result<(), ForgeError> {
        let submitted = self.ledger.submit(command).await;
        submitted.map(drop).map_err(|error| {
            ForgeError::unavailable(format!("what the forge said was not recorded: {error}"))
                .with_source(error)
        })
    }
}

impl fmt::Debug for ForgePoller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forge, target, answered, .. } = self;
        f.debug_struct("ForgePoller")
            .field("forge", forge)
            .field("target", target)
            .field("answered", answered)
            .finish_non_exhaustive()
    }
}

fn to_delta(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX)
}

/// What must be known: pull requests that are open as far as the log says, and those of tasks that wait to be merged.
fn asked(graph: &Graph, target: &TargetId) -> Asked {
    let base = graph.target(target).map(|target| target.default_branch.clone()).unwrap_or_default();
    let mut asked = Asked { base, ..Asked::default() };
    asked.numbers.extend(graph.open_pull_requests(target).map(|request| request.number));
    for task in graph.tasks(target) {
        let TaskState::AwaitingMerge(attempt) = &task.state else { continue };
        match graph.attempt(attempt).and_then(|attempt| attempt.pull_request) {
            Some(number) => _ = asked.numbers.insert(number),
            None => _ = asked.branches.insert(work_branch(&task.key.task_id)),
        }
    }
    asked
}

/// A worker names the pull request of its task. If that is not one of the task's branch it merges no work of ours, so it
/// counts as closed, whatever became of it.
fn distrust(graph: &Graph, target: &TargetId, seen: &mut SeenPullRequest) {
    let task = graph.pull_request(target, seen.number).and_then(|known| known.task.as_ref());
    let branch = task.map(|key| work_branch(&key.task_id));
    if branch.is_some() && branch != seen.branch {
        seen.state = PullRequestState::Closed;
    }
}

fn is_new_merge(graph: &Graph, target: &TargetId, seen: &SeenPullRequest) -> bool {
    let known = graph.pull_request(target, seen.number).map(|known| known.state);
    seen.state == PullRequestState::Merged && known != Some(PullRequestState::Merged)
}
