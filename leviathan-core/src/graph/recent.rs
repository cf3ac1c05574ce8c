//! `Recent`: the newest events, for people who look at the graph.

use crate::Timestamp;
use crate::log::{Envelope, Position};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How many are remembered.
const KEPT: usize = 20;

/// One of the newest events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentEvent {
    /// Where it stands.
    pub position: Position,
    /// Its id.
    pub event_id: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Its type.
    pub event_type: String,
    /// Who caused it.
    pub actor_id: String,
    /// Its target.
    pub target: Option<String>,
    /// Its attempt.
    pub attempt_id: Option<String>,
}

/// The newest events, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Recent(VecDeque<RecentEvent>);

impl Recent {
    pub(super) fn push(&mut self, position: Position, envelope: &Envelope<'_>, attempt_id: Option<&str>) {
        // The oldest is written over, so that an event costs no memory that was not there before.
        let oldest = if self.0.len() < KEPT { None } else { self.0.pop_back() };
        let old = oldest.unwrap_or_else(|| RecentEvent {
            position,
            event_id: String::new(),
            timestamp: envelope.timestamp,
            event_type: String::new(),
            actor_id: String::new(),
            target: None,
            attempt_id: None,
        });
        self.0.push_front(RecentEvent {
            position,
            event_id: over(old.event_id, &envelope.event_id),
            timestamp: envelope.timestamp,
            event_type: over(old.event_type, &envelope.event_type),
            actor_id: over(old.actor_id, &envelope.actor_id),
            target: envelope.target.as_deref().map(|target| over(old.target.unwrap_or_default(), target)),
            attempt_id: attempt_id.map(|id| over(old.attempt_id.unwrap_or_default(), id)),
        });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &RecentEvent> {
        self.0.iter()
    }
}

/// `text` in the memory of `old`.
fn over(mut old: String, text: &str) -> String {
    old.clear();
    old.push_str(text);
    old
}
