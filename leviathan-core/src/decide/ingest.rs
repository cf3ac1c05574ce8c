//! Taking a worker's bundle: every event that is not in the log yet, and what follows from those that end an attempt.

use super::outcome::consequences;
use super::{Decided, Decisions};
use crate::Timestamp;
use crate::bundle::Bundle;
use crate::event::{Event, EventDraft};
use crate::executor::Cause;
use crate::graph::{Graph, Outcome};
use crate::id::{AttemptId, LogId};
use std::collections::BTreeSet;

/// Decides which events of a bundle are new. Nothing of a bundle that passed validation is refused.
pub(super) fn decide(graph: &Graph, bundle: &Bundle, now: Timestamp, log: LogId) -> Decided {
    let mut fresh = BTreeSet::new();
    let is_new = |event: &&EventDraft| {
        let fingerprint = event.fingerprint();
        !graph.has_seen(&fingerprint) && fresh.insert(fingerprint)
    };
    let events: Vec<EventDraft> = bundle.events.iter().filter(is_new).cloned().collect();
    let duplicates = bundle.events.len() - events.len();
    let mut follow = Decisions::new(log, now);
    let mut settled = BTreeSet::new();
    for event in &events {
        if let Some((attempt, outcome, summary)) = ended(event)
            && settled.insert(attempt.clone())
        {
            foreign_attempt_ended(graph, &attempt, &outcome, &summary, &mut follow);
        }
    }
    Decided { events: events.into_iter().chain(follow.events).collect(), duplicates }
}

/// The end that an event claims, if it claims one.
fn ended(event: &EventDraft) -> Option<(AttemptId, Outcome, String)> {
    let target = event.target.as_ref();
    match Event::decode(event.event_type.as_str(), event.version, event.payload.as_str(), target).ok()? {
        Event::AttemptSucceeded(fields) => {
            let outcome = Outcome::Succeeded { unconfirmed: fields.unconfirmed };
            Some((fields.attempt_id, outcome, fields.summary.unwrap_or_default()))
        }
        Event::AttemptFailed(fields) => {
            let summary = fields.error_summary.unwrap_or_default();
            Some((fields.attempt_id, Outcome::Failed(fields.failure_type), summary))
        }
        Event::AttemptCancelled(fields) => {
            Some((fields.attempt_id, Outcome::Failed(Cause::Cancelled), fields.reason))
        }
        _ => None,
    }
}

/// An attempt that nobody of ours runs ends by its own report, and its task goes on from there.
fn foreign_attempt_ended(
    graph: &Graph,
    id: &AttemptId,
    outcome: &Outcome,
    summary: &str,
    decided: &mut Decisions,
) {
    let Some(attempt) = graph.attempt(id).filter(|attempt| attempt.executor.is_none() && !attempt.is_ended())
    else {
        return;
    };
    if let Some(task) = &attempt.task {
        consequences(graph, task, id, outcome, summary, decided);
    }
}
