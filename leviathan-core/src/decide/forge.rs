//! What a forge's word comes to: how pull requests stand, what follows for their tasks, and whether it speaks at all.

use super::{Decisions, Rejection};
use crate::Timestamp;
use crate::event::Event;
use crate::event::payload::{ForgeState, PullRequestFields, TaskReason};
use crate::graph::{Graph, PullRequest, PullRequestState, Target, TaskKey, TaskState};
use crate::id::{ActorId, AttemptId, TargetId, TaskId};
use crate::target::TargetConfig;

/// Work for a task is on the branch of this name and the task's id.
const BRANCH: &str = "agent/";

/// How a forge says that a pull request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPullRequest {
    /// Its number in its repository.
    pub number: u64,
    /// Whether it still waits.
    pub state: PullRequestState,
    /// Its page.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The branch that it would merge.
    pub branch: Option<String>,
    /// That branch's tip.
    pub commit: Option<String>,
}

/// Why nothing is known of a forge that was just configured.
const NOT_ASKED: &str = "it was not asked yet";

/// A target has another forge than before. Nobody knows how its pull requests stand until it has answered; where there is
/// none, there is nothing to know.
pub(super) fn replaced(known: Option<&Target>, config: &TargetConfig, decided: &mut Decisions) {
    let unknown = known.is_some_and(|target| target.forge_unknown.is_some());
    let (target_id, since) = (Some(config.target_id.clone()), Some(decided.now));
    let event = match (config.forge.is_none(), unknown) {
        (false, false) => {
            Event::TargetForgeUnknown(ForgeState { target_id, since, reason: NOT_ASKED.to_owned() })
        }
        (true, true) => Event::TargetForgeKnown(ForgeState { target_id, since: None, reason: String::new() }),
        (false, true) | (true, false) => return,
    };
    decided.push(ActorId::operator(), Some(&config.target_id), event);
}

/// The forge was asked, and answered.
pub(super) fn answered(
    graph: &Graph,
    target: &TargetId,
    seen: &[SeenPullRequest],
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let known = graph.target(target).ok_or_else(|| Rejection::UnknownTarget(target.clone()))?;
    if known.forge_unknown.is_some() {
        let state = ForgeState { target_id: Some(target.clone()), since: None, reason: String::new() };
        decided.push(ActorId::forge(), Some(target), Event::TargetForgeKnown(state));
    }
    seen.iter().for_each(|seen| pull_request(graph, target, seen, decided));
    Ok(())
}

/// The forge told of pull requests by itself. That does not prove that it answers when it is asked.
pub(super) fn told(
    graph: &Graph,
    target: &TargetId,
    seen: &SeenPullRequest,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    graph.target(target).ok_or_else(|| Rejection::UnknownTarget(target.clone()))?;
    pull_request(graph, target, seen, decided);
    Ok(())
}

/// The forge has not answered for too long.
pub(super) fn silent(
    graph: &Graph,
    target: &TargetId,
    since: Timestamp,
    reason: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let known = graph.target(target).ok_or_else(|| Rejection::UnknownTarget(target.clone()))?;
    // That it was asked in vain is news where it was not asked before.
    if known.forge_unknown.as_ref().is_none_or(|unknown| unknown.reason == NOT_ASKED && reason != NOT_ASKED) {
        let state =
            ForgeState { target_id: Some(target.clone()), since: Some(since), reason: reason.to_owned() };
        decided.push(ActorId::forge(), Some(target), Event::TargetForgeUnknown(state));
    }
    Ok(())
}

/// Records how a pull request stands, if that is new and it is ours, and what follows for its task.
fn pull_request(graph: &Graph, target: &TargetId, seen: &SeenPullRequest, decided: &mut Decisions) {
    let known = graph.pull_request(target, seen.number);
    if let Some(known) = known.filter(|known| known.state == seen.state) {
        // Nothing new; but its task may have come to wait for it after that was recorded.
        return known.task.iter().for_each(|key| missed(graph, key, seen, decided));
    }
    let Some((attempt_id, task)) = known.map(of_known).or_else(|| of_branch(graph, target, seen)) else {
        return;
    };
    let fields = PullRequestFields {
        attempt_id,
        pr_number: seen.number,
        pr_url: seen.url.clone(),
        title: seen.title.clone(),
        state: Some(seen.state.name().to_owned()),
        branch_name: seen.branch.clone(),
        commit_sha: seen.commit.clone(),
    };
    let event = match seen.state {
        PullRequestState::Open => Event::PrCreated(fields),
        PullRequestState::Merged => Event::PrMerged(fields),
        PullRequestState::Closed => Event::PrClosed(fields),
    };
    decided.push(ActorId::forge(), Some(target), event);
    if let Some(key) = task {
        let waits = graph.task(&key).is_some_and(|task| matches!(task.state, TaskState::AwaitingMerge(_)));
        settled(graph, &key, seen.number, seen.state, waits, decided);
    }
}

/// Follows up for a task that waits for a pull request which was settled before.
fn missed(graph: &Graph, key: &TaskKey, seen: &SeenPullRequest, decided: &mut Decisions) {
    let Some(TaskState::AwaitingMerge(attempt)) = graph.task(key).map(|task| &task.state) else { return };
    if graph.attempt(attempt).and_then(|attempt| attempt.pull_request) == Some(seen.number) {
        settled(graph, key, seen.number, seen.state, true, decided);
    }
}

/// What follows for a task once its pull request is not open any more. `waits` says that it waits for that.
pub(super) fn settled(
    graph: &Graph,
    key: &TaskKey,
    number: u64,
    state: PullRequestState,
    waits: bool,
    decided: &mut Decisions,
) {
    let Some(task) = graph.task(key).filter(|task| task.state != TaskState::Completed) else { return };
    let reason = |status: Option<&str>, what: &str| TaskReason {
        task_id: task.key.task_id.clone(),
        target_id: Some(key.target_id.clone()),
        status: status.map(str::to_owned),
        reason: format!("pull request #{number} was {what}"),
    };
    let event = match state {
        PullRequestState::Merged => Event::TaskCompleted(reason(Some("completed"), "merged")),
        // An attempt that is open goes on, and a task that was taken back is done anew.
        PullRequestState::Closed if waits => Event::TaskBlocked(reason(None, "closed without being merged")),
        PullRequestState::Closed | PullRequestState::Open => return,
    };
    decided.push(ActorId::scheduler(), Some(&key.target_id), event);
}

fn of_known(request: &PullRequest) -> (Option<AttemptId>, Option<TaskKey>) {
    (request.attempt.clone(), request.task.clone())
}

/// A pull request that no worker told of is ours if its branch is that of a task.
fn of_branch(
    graph: &Graph,
    target: &TargetId,
    seen: &SeenPullRequest,
) -> Option<(Option<AttemptId>, Option<TaskKey>)> {
    let task_id = TaskId::new(seen.branch.as_deref()?.strip_prefix(BRANCH)?).ok()?;
    let task = graph.task(&TaskKey::new(target.clone(), task_id))?;
    let attempt = task.attempts.last().cloned()?;
    Some((Some(attempt), Some(task.key.clone())))
}
