//! `Graph::evolve`: the one way in which the graph changes.

mod attempt;
mod evidence;
mod pull_request;
mod starts;
mod target;
mod task;

use super::{Graph, Leader, PullRequestState};
use crate::Timestamp;
use crate::event::{Event, Origin};
use crate::id::{AttemptId, TargetId};
use crate::log::{Head, RecordedEvent};
use starts::may_move_starts;

/// What stands around the payload that is being projected.
struct Context<'a> {
    head: Head,
    origin: Origin,
    actor: &'a str,
    target: Option<TargetId>,
    recorded_at: Timestamp,
    timestamp: Timestamp,
}

impl Graph {
    /// Takes the next event of the log. It must be the one behind [`head`](Self::head).
    ///
    /// It cannot fail: an event that cannot be read, or that contradicts what is settled, is counted and changes nothing
    /// else. Decisions use when an event was recorded; when it happened, by its producer's clock, is only for showing.
    pub fn evolve(&mut self, event: &RecordedEvent) {
        self.head = event.head;
        let Ok(envelope) = event.body.envelope() else {
            self.unreadable += 1;
            return;
        };
        self.fingerprints.insert(envelope.fingerprint());
        let target = envelope.target.as_deref().and_then(|target| TargetId::new(target).ok());
        let payload = envelope.payload;
        let (kind, version) = (envelope.event_type.as_ref(), envelope.version);
        let read = match Event::only_mentioned(kind, version, payload) {
            Some(mentioned) => mentioned.map(|attempt| (Some(attempt), Event::Custom)),
            None => Event::decode(kind, version, payload, target.as_ref())
                .map(|event| (event.attempt_id().cloned(), event)),
        };
        let subject = read.as_ref().ok().and_then(|(subject, _)| subject.as_ref());
        self.recent.push(self.head.position, &envelope, subject.map(AttemptId::as_str));
        let context = Context {
            head: self.head,
            origin: envelope.origin,
            actor: &envelope.actor_id,
            target,
            recorded_at: envelope.recorded_at,
            timestamp: envelope.timestamp,
        };
        let Ok((subject, event)) = read else {
            self.unreadable += 1;
            return;
        };
        if let Some(subject) = &subject {
            self.attempt_mentioned(subject, &context);
        }
        if let Some(passed) = Event::check_passed(kind) {
            self.check_ran(passed);
        }
        let touched = event.target_id().cloned();
        let told_end = context.origin == Origin::Claimed && event.is_end_of_attempt();
        let moves_starts = may_move_starts(&event);
        self.project(event, &context);
        if let Some(subject) = &subject {
            self.attempts.refile(subject, self.head.position);
        }
        if moves_starts {
            self.follow_up(subject.as_ref(), told_end, touched, &context);
        }
    }

    fn project(&mut self, event: Event, context: &Context) {
        match event {
            Event::LogCreated(fields) => self.log_id = self.log_id.or(Some(fields.log_id)),
            Event::LimitsChanged(fields) if context.origin == Origin::Observed => {
                self.limits = fields.limits;
                self.file_all_turns();
            }
            Event::SchedulerElected(fields) if context.origin == Origin::Observed => {
                self.leader = Leader::elected(self.leader.take(), fields, context.head.position);
            }
            Event::TargetRegistered(fields) | Event::TargetUpdated(fields) => {
                self.target_updated(fields, context)
            }
            Event::TargetPaused(fields) => self.target_paused(fields, context),
            Event::TargetResumed(fields) => self.target_resumed(fields, context),
            Event::TaskCreated(fields) | Event::TaskUpdated(fields) => self.task_updated(fields, context),
            Event::TaskRemoved(fields) => self.task_removed(fields, context),
            Event::TaskCompleted(fields) => self.task_completed(fields, context),
            Event::TaskBlocked(fields) => self.task_blocked(fields, context),
            Event::TaskRetried(fields) => self.task_retried(fields, context),
            Event::RetryScheduled(fields) => self.retry_scheduled(fields, context),
            Event::AttemptCreated(fields) => self.attempt_created(fields, context),
            Event::AttemptStarted(fields) => self.attempt_started(fields, context),
            Event::AttemptSucceeded(fields) => self.attempt_succeeded(fields, context),
            Event::AttemptFailed(fields) => self.attempt_failed(fields, context),
            Event::AttemptCancelled(fields) => self.attempt_cancelled(fields, context),
            Event::AttemptCancelRequested(fields) => self.cancel_requested(fields, context),
            Event::AttemptInvalidated(fields) => self.attempt_invalidated(fields, context),
            Event::JobSubmitted(fields) => self.job_submitted(&fields.attempt_id, context),
            Event::JobStarted(fields) => self.job_started(&fields.attempt_id, context),
            Event::ArtifactCreated(fields) => self.artifact_created(fields, context),
            Event::ModelCallCompleted(call) => self.model_called(&call),
            Event::PolicyReceipt(receipt) => self.policy_judged(&receipt),
            Event::PrCreated(fields) => self.pull_request_opened(fields, context),
            Event::PrMerged(fields) => self.pull_request_ended(fields, PullRequestState::Merged, context),
            Event::PrClosed(fields) => self.pull_request_ended(fields, PullRequestState::Closed, context),
            Event::TargetForgeUnknown(fields) => self.forge_unknown(fields, context),
            Event::TargetForgeKnown(fields) => self.forge_known(fields, context),
            // Recorded, and not projected: the ends that executors saw (the outcome beside them says what follows),
            // begun checks and model calls, and custom facts. Ended checks are counted by their kind.
            _ => {}
        }
    }
}
