//! Taking a worker's bundle: every event that is not in the log yet, and what follows from those that end an attempt.

use super::outcome::consequences;
use super::{Decided, Decisions};
use crate::Timestamp;
use crate::bundle::Bundle;
use crate::event::payload::AttemptCreated;
use crate::event::{Event, EventDraft};
use crate::graph::{Attempt, Graph, Outcome, TaskKey, TaskState};
use crate::id::{AttemptId, LogId};
use std::collections::{BTreeMap, BTreeSet};

/// Decides which events of a bundle are new. Nothing of a bundle that passed validation is refused. What follows from
/// the end of an attempt stands right behind it.
pub(super) fn decide(graph: &Graph, bundle: &Bundle, now: Timestamp, log: LogId) -> Decided {
    let mut fingerprints = BTreeSet::new();
    let mut foreign = Foreign::of(graph);
    let mut decided = Decisions::new(log, now);
    let mut duplicates = 0;
    for event in &bundle.events {
        let fingerprint = event.fingerprint();
        if graph.has_seen(&fingerprint) || !fingerprints.insert(fingerprint) {
            duplicates += 1;
            continue;
        }
        decided.events.push(event.clone());
        foreign.follow(event, &mut decided);
    }
    Decided { events: decided.events, duplicates, fingerprints }
}

/// The attempts that nobody of ours runs, followed through a bundle, which may both open and end one. They end by their
/// own report, and their tasks go on from there.
struct Foreign<'a> {
    graph: &'a Graph,
    opened: BTreeMap<AttemptId, TaskKey>,
    ended: BTreeSet<AttemptId>,
    /// Which attempt has a task in hand, where this bundle changed that.
    in_hand: BTreeMap<TaskKey, Option<AttemptId>>,
}

impl<'a> Foreign<'a> {
    fn of(graph: &'a Graph) -> Self {
        Self { graph, opened: BTreeMap::new(), ended: BTreeSet::new(), in_hand: BTreeMap::new() }
    }

    fn follow(&mut self, event: &EventDraft, decided: &mut Decisions) {
        if !Event::moves_attempt(event.event_type.as_str()) {
            return;
        }
        let target = event.target.as_ref();
        match Event::decode(event.event_type.as_str(), event.version, event.payload.as_str(), target) {
            Ok(Event::AttemptCreated(fields)) => self.created(fields),
            Ok(Event::AttemptSucceeded(fields)) => {
                let outcome = Outcome::Succeeded { unconfirmed: fields.unconfirmed };
                self.ended(&fields.attempt_id, outcome, &fields.summary.unwrap_or_default(), decided);
            }
            Ok(Event::AttemptFailed(fields)) => {
                let summary = fields.error_summary.unwrap_or_default();
                self.ended(&fields.attempt_id, Outcome::Failed(fields.failure_type), &summary, decided);
            }
            Ok(Event::AttemptCancelled(fields)) => {
                self.ended(&fields.attempt_id, Outcome::Cancelled, &fields.reason, decided);
            }
            _ => {}
        }
    }

    fn created(&mut self, fields: AttemptCreated) {
        let id = fields.attempt_id;
        let known = self.graph.attempt(&id).is_some_and(|attempt| attempt.task.is_some());
        let Some(target) = fields.target_id.filter(|_| !known && !self.opened.contains_key(&id)) else {
            return;
        };
        let key = TaskKey::new(target, fields.task_id);
        let pending = self.graph.task(&key).is_some_and(|task| task.state == TaskState::Pending);
        if pending && !self.has_ended(&id) {
            self.in_hand.entry(key.clone()).or_insert_with(|| Some(id.clone()));
        }
        self.opened.insert(id, key);
    }

    fn ended(&mut self, id: &AttemptId, outcome: Outcome, summary: &str, decided: &mut Decisions) {
        let attempt = self.graph.attempt(id);
        if self.has_ended(id) || attempt.is_some_and(|attempt| attempt.executor.is_some()) {
            return;
        }
        self.ended.insert(id.clone());
        let known = attempt.and_then(|attempt| attempt.task.as_ref());
        let Some(key) = known.or_else(|| self.opened.get(id)).cloned() else { return };
        let outcome = attempt.map_or_else(|| outcome.clone(), |attempt| attempt.settles_as(outcome.clone()));
        let in_hand = match self.in_hand.get(&key) {
            Some(holder) => holder.as_ref() == Some(id),
            None => self.graph.task(&key).is_some_and(|task| task.is_in_hand_of(id)),
        };
        if in_hand {
            self.in_hand.insert(key.clone(), None);
        }
        if in_hand || matches!(outcome, Outcome::Succeeded { .. }) {
            consequences(self.graph, &key, id, &outcome, summary, decided);
        }
    }

    fn has_ended(&self, id: &AttemptId) -> bool {
        self.ended.contains(id) || self.graph.attempt(id).is_some_and(Attempt::is_ended)
    }
}
