//! `Recent`: the newest events, for people who look at the graph.

use crate::Timestamp;
use crate::log::{Envelope, Position};
use serde::Serialize;
use std::collections::VecDeque;

/// How many are remembered.
const KEPT: usize = 20;

/// One of the newest events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(VecDeque<RecentEvent>);

impl Recent {
    pub(super) fn push(&mut self, position: Position, envelope: &Envelope<'_>, attempt_id: Option<String>) {
        self.0.truncate(KEPT - 1);
        self.0.push_front(RecentEvent {
            position,
            event_id: envelope.event_id.clone().into_owned(),
            timestamp: envelope.timestamp,
            event_type: envelope.event_type.clone().into_owned(),
            actor_id: envelope.actor_id.clone().into_owned(),
            target: envelope.target.clone().map(Into::into),
            attempt_id,
        });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &RecentEvent> {
        self.0.iter()
    }
}
