//! What events do to attempts: `created → submitted → running → ended`. The end is sticky; only an operator takes it back.
//!
//! An attempt that an executor of ours runs is ended by what that executor observed; its worker's word is kept as its
//! report. An attempt that nobody of ours runs ends by its own report.

use super::Context;
use crate::event::Origin;
use crate::event::payload::{AttemptCreated, AttemptFailed, AttemptReason, AttemptStarted, AttemptSucceeded};
use crate::executor::{Cause, CauseClass};
use crate::graph::{Attempt, AttemptState, Graph, Outcome, Positions, Report, TaskKey, TaskState, Totals};
use crate::id::AttemptId;
use crate::safeguard::{self, Safeguard};
use crate::target::CompleteOn;
use std::sync::Arc;

impl Graph {
    /// Makes the attempt known at its first mention, whichever event that is, and files the event under it.
    pub(super) fn attempt_mentioned(&mut self, id: &AttemptId, context: &Context) {
        let (attempt, is_new) = self.attempts.get_or_insert_with(id, || Attempt {
            attempt_id: id.clone(),
            task: None,
            attempt_number: 0,
            state: AttemptState::Created,
            executor: None,
            spec: None,
            created: context.head,
            reported: None,
            pull_request: None,
            cancel_requested: None,
            events: Positions::default(),
            anomalies: 0,
            started_at: None,
            completed_at: None,
            created_at: context.recorded_at,
            updated_at: context.recorded_at,
        });
        attempt.events.push(context.head.position);
        attempt.updated_at = context.recorded_at;
        if is_new {
            self.totals.add_node(Totals::ATTEMPT);
        }
    }

    pub(super) fn attempt_created(&mut self, fields: AttemptCreated, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(&fields.attempt_id) else { return };
        if attempt.task.is_some() {
            // Existing workers say this again for attempts that the scheduler opened: nothing new.
            return;
        }
        let Some(target_id) = fields.target_id else { return };
        let key = TaskKey::new(target_id.clone(), fields.task_id);
        attempt.task = Some(key.clone());
        attempt.attempt_number = fields.attempt_number;
        attempt.created = context.head;
        if context.origin == Origin::Observed {
            attempt.executor = fields.executor;
            attempt.spec = fields.spec.map(Arc::new);
        }
        let ended = attempt.is_ended();
        if attempt.executor.is_some() && !ended {
            self.open.insert(fields.attempt_id.clone());
            self.running.entry(target_id.clone()).or_default().insert(fields.attempt_id.clone());
            self.occupancy.enter(&target_id, Some(&key));
            let reservation = fields.reservation.filter(|reservation| !reservation.is_nothing());
            if let Some(reservation) = reservation {
                self.spending.open(&fields.attempt_id, context.recorded_at.date_naive(), reservation);
            }
        }
        self.attempts.found_target(&fields.attempt_id);
        self.totals.add_dependencies(1, 0);
        if let Some(target) = self.targets.get_mut(&target_id) {
            target.last_attempt = context.head.position;
        }
        if let Some(task) = self.task_mut(&key) {
            // Most tasks have one: room for more is made when there are more.
            task.attempts.reserve_exact(usize::from(task.attempts.is_empty()));
            task.attempts.push(fields.attempt_id.clone());
            if !ended && task.state == TaskState::Pending {
                task.state = TaskState::InProgress(fields.attempt_id.clone());
                task.retry_due = None;
            }
            task.updated_at = context.recorded_at;
            self.refile(&key);
        }
        self.pull_request_found_task(&fields.attempt_id);
    }

    pub(super) fn attempt_started(&mut self, fields: AttemptStarted, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(&fields.attempt_id) else { return };
        // One of ours that was not launched yet can't have begun, whoever says so: it would be taken for lost.
        let not_launched = attempt.executor.is_some() && attempt.state == AttemptState::Created;
        if context.origin == Origin::Observed || !not_launched {
            attempt.began();
        }
        attempt.started_at = fields.started_at.or(Some(context.timestamp));
    }

    pub(super) fn job_submitted(&mut self, id: &AttemptId, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        if attempt.state == AttemptState::Created && context.origin == Origin::Observed {
            attempt.state = AttemptState::Submitted;
        }
    }

    pub(super) fn job_started(&mut self, id: &AttemptId, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        if context.origin == Origin::Observed {
            attempt.began();
            attempt.started_at = attempt.started_at.or(Some(context.timestamp));
        }
    }

    pub(super) fn cancel_requested(&mut self, fields: AttemptReason, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(&fields.attempt_id) else { return };
        if context.origin == Origin::Observed && !attempt.is_ended() {
            attempt.cancel_requested.get_or_insert(fields.reason);
        } else {
            attempt.anomalies += 1;
        }
    }

    pub(super) fn attempt_succeeded(&mut self, fields: AttemptSucceeded, context: &Context) {
        let report = Report {
            failure: None,
            branch: fields.branch_name,
            commit: fields.commit_sha,
            pr_url: fields.pr_url,
            pr_number: fields.pr_number,
            summary: fields.summary,
        };
        let outcome = Outcome::Succeeded { unconfirmed: fields.unconfirmed };
        self.ended(&fields.attempt_id, outcome, report, context);
    }

    pub(super) fn attempt_failed(&mut self, fields: AttemptFailed, context: &Context) {
        let report =
            Report { failure: Some(fields.failure_type.clone()), ..Report::of_failure(fields.error_summary) };
        self.ended(&fields.attempt_id, Outcome::Failed(fields.failure_type), report, context);
    }

    pub(super) fn attempt_cancelled(&mut self, fields: AttemptReason, context: &Context) {
        let report = Report { failure: Some(Cause::Cancelled), ..Report::of_failure(Some(fields.reason)) };
        self.ended(&fields.attempt_id, Outcome::Cancelled, report, context);
    }

    /// An operator takes back what an attempt came to, or the attempt itself while it is open. A worker can't.
    pub(super) fn attempt_invalidated(&mut self, fields: AttemptReason, context: &Context) {
        let id = &fields.attempt_id;
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        if context.origin != Origin::Observed || matches!(attempt.state, AttemptState::Invalidated { .. }) {
            attempt.anomalies += 1;
            return;
        }
        let succeeded = attempt.has_succeeded();
        let was = attempt.outcome().cloned();
        attempt.settle(AttemptState::Invalidated { was, reason: fields.reason });
        attempt.completed_at = attempt.completed_at.or(Some(context.timestamp));
        let Some(key) = attempt.task.clone() else { return };
        self.close_attempt(id, &key);
        let attempts = &self.attempts;
        let Some(task) = self.tasks.get_mut(&key.target_id).and_then(|tasks| tasks.get_mut(&key.task_id))
        else {
            return;
        };
        let another = |other: &AttemptId| attempts.get(other).is_some_and(Attempt::has_succeeded);
        let lets_go = match &task.state {
            TaskState::InProgress(holder) | TaskState::AwaitingMerge(holder) => holder == id,
            TaskState::Completed => succeeded && !task.attempts.iter().any(another),
            TaskState::Pending | TaskState::Failed(_) | TaskState::Blocked(_) => false,
        };
        if lets_go {
            task.state = TaskState::Pending;
            task.updated_at = context.recorded_at;
            self.refile(&key);
        }
    }

    /// Frees what an open attempt of ours held.
    fn close_attempt(&mut self, id: &AttemptId, key: &TaskKey) {
        if self.open.remove(id) {
            if let Some(running) = self.running.get_mut(&key.target_id) {
                running.remove(id);
            }
            self.occupancy.leave(&key.target_id, Some(key));
            self.file_task(key);
        }
    }

    /// Someone says that an attempt ended.
    fn ended(&mut self, id: &AttemptId, outcome: Outcome, report: Report, context: &Context) {
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        let claimed = context.origin == Origin::Claimed;
        if let AttemptState::Invalidated { .. } = &attempt.state {
            // Its worker may not know yet. What it says is kept, and counts for nothing.
            match &mut attempt.reported {
                Some(first) if claimed => drop(first.merge(report)),
                None if claimed => attempt.reported = Some(report),
                _ => attempt.anomalies += 1,
            }
            self.pull_request_reported(id, context);
            return;
        }
        let is_over = attempt.is_ended() && safeguard::is_on(Safeguard::StickyEnd);
        if let Some(settled) = attempt.outcome().filter(|_| is_over) {
            let agrees = matches!(settled, Outcome::Succeeded { .. }) == report.failure.is_none();
            if !agrees || !claimed {
                attempt.anomalies += 1;
                return;
            }
        }
        match &mut attempt.reported {
            Some(first) if claimed => {
                if !first.merge(report) {
                    attempt.anomalies += 1;
                }
            }
            // What was observed settles what is shown, with what the worker said filled in.
            reported => {
                let mut report = report;
                if let Some(first) = reported.take() {
                    report.merge(first);
                }
                *reported = Some(report);
            }
        }
        let unmoved = is_over || (claimed && attempt.executor.is_some());
        self.pull_request_reported(id, context);
        let Some(attempt) = self.attempts.get_mut(id).filter(|_| !unmoved) else { return };
        let outcome = attempt.settles_as(outcome);
        attempt.settle(AttemptState::Ended(outcome.clone()));
        attempt.completed_at = Some(context.timestamp);
        let task = attempt.task.clone();
        if let Some(key) = task {
            self.close_attempt(id, &key);
            self.settle_task(&key, id, &outcome, context);
        }
    }

    /// Lets a task go from its ended attempt: after a success where that has to be merged it waits for that. Whether it is
    /// otherwise completed, waits or is blocked is an event of its own, which stands behind this one in the same append.
    /// A failure of an attempt that does not have the task in hand counts for nothing.
    fn settle_task(&mut self, key: &TaskKey, id: &AttemptId, outcome: &Outcome, context: &Context) {
        let target = self.targets.get(&key.target_id);
        let merges = target.is_some_and(|target| target.complete_on == CompleteOn::Merged);
        let succeeded = matches!(outcome, Outcome::Succeeded { .. });
        if succeeded
            && context.origin == Origin::Observed
            && let Some(target) = self.targets.get_mut(&key.target_id)
        {
            target.streak.ended();
        }
        let Some(task) = self.tasks.get_mut(&key.target_id).and_then(|tasks| tasks.get_mut(&key.task_id))
        else {
            return;
        };
        let awaits = succeeded && merges && task.may_await_merge_of(id);
        if !task.is_in_hand_of(id) && !awaits {
            return;
        }
        match outcome {
            Outcome::Succeeded { .. } => task.infrastructure_failures = 0,
            Outcome::Failed(cause) => match cause.class() {
                CauseClass::Task => {
                    task.tries_used += 1;
                    task.infrastructure_failures = 0;
                    if let Some(target) = self.targets.get_mut(&key.target_id) {
                        target.streak.failed(context.recorded_at);
                    }
                }
                CauseClass::Infrastructure => task.infrastructure_failures += 1,
                CauseClass::Configuration | CauseClass::Cancelled => {}
            },
            Outcome::Cancelled => {}
        }
        task.state = if awaits { TaskState::AwaitingMerge(id.clone()) } else { TaskState::Pending };
        task.updated_at = context.recorded_at;
        self.refile(key);
    }
}

impl Report {
    fn of_failure(summary: Option<String>) -> Self {
        Self { failure: None, branch: None, commit: None, pr_url: None, pr_number: None, summary }
    }
}
