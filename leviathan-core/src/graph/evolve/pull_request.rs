//! What events do to pull requests. A claim makes one known and open; only what the forge says settles it.

use super::Context;
use crate::event::Origin;
use crate::event::payload::PullRequestFields;
use crate::graph::{Graph, PullRequest, PullRequestState, TaskKey, TaskState, Totals};
use crate::id::{AttemptId, TargetId};

impl Graph {
    pub(super) fn pull_request_opened(&mut self, fields: PullRequestFields, context: &Context) {
        let Some(key) = self.mention_pull_request(fields, context) else { return };
        if context.origin == Origin::Observed {
            self.settle_pull_request(&key, PullRequestState::Open, context);
        }
    }

    pub(super) fn pull_request_ended(
        &mut self,
        fields: PullRequestFields,
        state: PullRequestState,
        context: &Context,
    ) {
        if context.origin != Origin::Observed {
            return;
        }
        if let Some(key) = self.mention_pull_request(fields, context) {
            self.settle_pull_request(&key, state, context);
        }
    }

    /// A report names the pull request that its attempt opened.
    pub(super) fn pull_request_reported(&mut self, id: &AttemptId, context: &Context) {
        let Some(report) = self.attempts.get(id).and_then(|attempt| attempt.reported.as_ref()) else {
            return;
        };
        let Some(pr_number) = report.pr_number else { return };
        let fields = PullRequestFields {
            attempt_id: Some(id.clone()),
            pr_number,
            pr_url: report.pr_url.clone(),
            title: None,
            state: None,
            branch_name: report.branch.clone(),
            commit_sha: report.commit.clone(),
        };
        self.mention_pull_request(fields, context);
    }

    /// The task of an attempt became known, and so that of the pull request that it named before.
    pub(super) fn pull_request_found_task(&mut self, id: &AttemptId) {
        let Some((number, task)) =
            self.attempts.get(id).and_then(|a| Some((a.pull_request?, a.task.clone()?)))
        else {
            return;
        };
        let Some(request) = self.pull_requests.get_mut(&(task.target_id.clone(), number)) else { return };
        if request.task.is_none() && request.attempt.as_ref() == Some(id) {
            if request.state == PullRequestState::Open {
                self.occupancy.leave(&request.target_id, None);
                self.occupancy.enter(&request.target_id, Some(&task));
            }
            request.task = Some(task.clone());
            self.file_task(&task);
        }
    }

    /// Makes a pull request known at its first mention, open, and adds what is new about it.
    fn mention_pull_request(
        &mut self,
        fields: PullRequestFields,
        context: &Context,
    ) -> Option<(TargetId, u64)> {
        let attempt = fields.attempt_id.as_ref().and_then(|id| self.attempts.get_mut(id));
        let task = attempt.as_ref().and_then(|attempt| attempt.task.clone());
        let target_id =
            task.as_ref().map(|task| task.target_id.clone()).or_else(|| context.target.clone())?;
        let key = (target_id.clone(), fields.pr_number);
        if let Some(attempt) = attempt
            && attempt.pull_request.is_none()
        {
            attempt.pull_request = Some(fields.pr_number);
            self.totals.add_edge(Totals::PRODUCED);
        }
        let request = self.pull_requests.entry(key.clone()).or_insert_with(|| {
            self.totals.add_node(Totals::PULL_REQUEST);
            self.occupancy.enter(&target_id, task.as_ref());
            self.open_pull_requests.insert(key.clone());
            Box::new(PullRequest {
                target_id,
                number: fields.pr_number,
                state: PullRequestState::Open,
                attempt: fields.attempt_id,
                task,
                url: None,
                title: None,
                branch: None,
                commit: None,
                created_at: context.recorded_at,
                updated_at: context.recorded_at,
            })
        });
        request.url = fields.pr_url.or(request.url.take());
        request.title = fields.title.or(request.title.take());
        request.branch = fields.branch_name.or(request.branch.take());
        request.commit = fields.commit_sha.or(request.commit.take());
        request.updated_at = context.recorded_at;
        if let Some(task) = request.task.clone() {
            self.file_task(&task);
        }
        Some(key)
    }

    /// The forge says how it stands.
    fn settle_pull_request(&mut self, key: &(TargetId, u64), state: PullRequestState, context: &Context) {
        let Some(request) = self.pull_requests.get_mut(key) else { return };
        let before = std::mem::replace(&mut request.state, state);
        let task = request.task.clone();
        match (before, state) {
            (PullRequestState::Open, PullRequestState::Merged | PullRequestState::Closed) => {
                self.open_pull_requests.remove(key);
                self.occupancy.leave(&key.0, task.as_ref());
                if let Some(task) = task {
                    self.file_task(&task);
                }
            }
            (PullRequestState::Merged | PullRequestState::Closed, PullRequestState::Open) => {
                self.open_pull_requests.insert(key.clone());
                self.occupancy.enter(&key.0, task.as_ref());
                // Reopened: the task that was blocked when it was closed waits for it again.
                if let Some(task) = task {
                    self.file_task(&task);
                    self.await_merge_again(&task, key.1, context);
                }
            }
            _ => {}
        }
    }

    fn await_merge_again(&mut self, key: &TaskKey, number: u64, context: &Context) {
        let last = self.task(key).and_then(|task| self.attempts.get(task.attempts.last()?));
        let its_work = last.filter(|last| last.has_succeeded() && last.pull_request == Some(number));
        let Some(attempt) = its_work.map(|attempt| attempt.attempt_id.clone()) else { return };
        let Some(task) = self.task_mut(key) else { return };
        if matches!(task.state, TaskState::Blocked(_)) {
            task.state = TaskState::AwaitingMerge(attempt);
            task.updated_at = context.recorded_at;
            self.refile(key);
        }
    }
}
