//! `Report`: how an attempt ended and everything that happened on the way.

use crate::journal::Journal;
use leviathan_core::event::payload::{AttemptFailed, AttemptSucceeded};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::AttemptResult;
use leviathan_core::id::{ActorId, AttemptId, EventId, TargetId};
use leviathan_core::log::Hash;
use leviathan_core::{Bundle, Timestamp};
use std::collections::BTreeSet;

/// What [`Worker::run`](crate::Worker::run) returns.
#[derive(Debug)]
pub struct Report {
    pub(crate) attempt: AttemptId,
    pub(crate) target: TargetId,
    pub(crate) ended_at: Timestamp,
    pub(crate) result: AttemptResult,
    pub(crate) journal: Journal,
}

impl Report {
    /// How the attempt ended.
    pub fn result(&self) -> &AttemptResult {
        &self.result
    }

    /// The worker's exit code. It speaks of the work, whether or not the report was delivered.
    pub fn exit_code(&self) -> i32 {
        i32::from(self.result.failure.is_some())
    }

    /// The report as events, making mention of those artifacts only that are `stored`. The same report gives the same
    /// ids, so that posting it again adds nothing.
    pub(crate) fn bundle(&self, stored: &BTreeSet<Hash>) -> Bundle {
        let mut events = Vec::new();
        let mut tell = |at: Timestamp, event: &Event| {
            let id = EventId::of_attempt(&self.attempt, events.len() as u64, event);
            events.push(self.draft(id, at, event));
        };
        for entry in self.journal.entries() {
            tell(entry.at, &with_stored_output(&entry.event, stored));
        }
        tell(self.ended_at, &self.last_event(stored));
        let artifacts = self.journal.artifacts().iter().filter(|kept| stored.contains(&kept.about.sha256));
        let created = artifacts.map(|kept| {
            let id = EventId::of_artifact(&self.attempt, &kept.about.sha256);
            self.draft(id, self.ended_at, &kept.about.created_by(self.attempt.clone()))
        });
        // The end comes last.
        let last = events.len() - 1;
        events.splice(last..last, created);
        Bundle { bundle_id: format!("bundle-{}", self.attempt), target: self.target.clone(), events }
    }

    fn draft(&self, id: EventId, at: Timestamp, event: &Event) -> EventDraft {
        EventDraft::claimed(id, ActorId::worker(&self.attempt), self.target.clone(), at, event)
    }

    fn last_event(&self, stored: &BTreeSet<Hash>) -> Event {
        let (attempt_id, completed_at) = (self.attempt.clone(), Some(self.ended_at));
        let lost = self.journal.artifacts().len() - stored.len();
        let mut summary = self.result.summary.clone();
        if lost > 0 {
            summary.push_str(&format!(" ({lost} of the artifacts could not be stored)"));
        }
        match &self.result.failure {
            None => Event::AttemptSucceeded(AttemptSucceeded {
                attempt_id,
                status: "succeeded".to_owned(),
                completed_at,
                branch_name: self.result.branch.clone(),
                commit_sha: self.result.commit.clone(),
                pr_url: self.result.pr_url.clone(),
                pr_number: self.result.pr_number,
                summary: Some(summary),
                unconfirmed: false,
            }),
            Some(cause) => Event::AttemptFailed(AttemptFailed {
                attempt_id,
                status: "failed".to_owned(),
                completed_at,
                failure_type: cause.clone(),
                error_summary: Some(summary),
                exit_code: Some(self.exit_code()),
            }),
        }
    }
}

/// A check's output is named only where it can be read.
fn with_stored_output(event: &Event, stored: &BTreeSet<Hash>) -> Event {
    let mut event = event.clone();
    if let Event::TestsPassed(run) | Event::TestsFailed(run) = &mut event {
        run.output_sha256 = run.output_sha256.filter(|sha256| stored.contains(sha256));
    }
    event
}
