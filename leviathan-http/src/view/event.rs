//! `EventView`: an event of the log as the API shows it.

use leviathan_core::Timestamp;
use leviathan_core::event::Origin;
use leviathan_core::log::{BadBody, Hash, Position, RecordedEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An event of the log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    /// Where it stands.
    #[schema(value_type = u64)]
    pub position: Position,
    /// Its producer's name for it.
    pub event_id: String,
    /// What kind of fact it is.
    pub event_type: String,
    /// When it happened, by its producer's clock.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Who caused it.
    pub actor_id: String,
    /// Whether it was observed or claimed.
    #[schema(value_type = super::schema::OriginSchema)]
    pub origin: Origin,
    /// What happened, byte for byte as it is in the log.
    #[schema(value_type = Object)]
    pub payload: Box<RawValue>,
    /// The hash at its position.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub hash: Hash,
}

impl TryFrom<&RecordedEvent> for EventView {
    type Error = BadBody;

    fn try_from(event: &RecordedEvent) -> Result<Self, BadBody> {
        let envelope = event.body.envelope()?;
        let payload = envelope.raw_payload()?.to_owned();
        Ok(Self {
            position: event.head.position,
            event_id: envelope.event_id.into_owned(),
            event_type: envelope.event_type.into_owned(),
            timestamp: envelope.timestamp,
            actor_id: envelope.actor_id.into_owned(),
            origin: envelope.origin,
            payload,
            hash: event.head.hash,
        })
    }
}
