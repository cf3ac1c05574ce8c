//! `RecentEventView`: one of the newest events.

use leviathan_core::Timestamp;
use leviathan_core::graph::RecentEvent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of the newest events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecentEventView {
    /// Its producer's name for it.
    pub event_id: String,
    /// When it happened, by its producer's clock.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// What kind of fact it is.
    pub event_type: String,
    /// Who caused it.
    pub actor_id: String,
    /// Its target.
    pub target: Option<String>,
    /// Its attempt.
    pub attempt_id: Option<String>,
}

impl From<&RecentEvent> for RecentEventView {
    fn from(event: &RecentEvent) -> Self {
        Self {
            event_id: event.event_id.clone(),
            timestamp: event.timestamp,
            event_type: event.event_type.clone(),
            actor_id: event.actor_id.clone(),
            target: event.target.clone(),
            attempt_id: event.attempt_id.clone(),
        }
    }
}
