//! `EventDraft`: an accepted event before it has a place in the log.

use super::{Event, EventType, Origin, Payload};
use crate::Timestamp;
use crate::id::{ActorId, EventId, LogId, TargetId};
use crate::log::Hash;

/// An event that passed validation and waits to be written into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// The producer's name for it.
    pub event_id: EventId,
    /// What kind of fact it is.
    pub event_type: EventType,
    /// Version of the payload's schema.
    pub version: u32,
    /// When it happened, by its producer's clock.
    pub timestamp: Timestamp,
    /// Who caused it.
    pub actor_id: ActorId,
    /// Whether it was observed or claimed.
    pub origin: Origin,
    /// The target that it belongs to; none for what concerns the whole log.
    pub target: Option<TargetId>,
    /// What happened, as validated JSON text.
    pub payload: Payload,
}

impl EventDraft {
    /// An event that the control plane itself decided. Its id follows from `log` and its content.
    pub fn decided(
        log: LogId,
        actor_id: ActorId,
        target: Option<TargetId>,
        now: Timestamp,
        event: &Event,
    ) -> Self {
        let event_type = event.event_type();
        let payload = event.payload();
        let event_id = EventId::derived(&[
            log.as_bytes(),
            event_type.as_str().as_bytes(),
            crate::time::format_timestamp(now).as_bytes(),
            target.as_ref().map_or("", |target| target.as_str()).as_bytes(),
            payload.as_str().as_bytes(),
        ]);
        Self {
            event_id,
            event_type,
            version: event.version(),
            timestamp: now,
            actor_id,
            origin: Origin::Observed,
            target,
            payload,
        }
    }

    /// What makes this event this event: its id and content, without when it was taken and who vouches for it.
    ///
    /// Two events with one fingerprint are one fact, told twice.
    pub fn fingerprint(&self) -> [u8; 16] {
        fingerprint(
            self.event_id.as_str(),
            self.event_type.as_str(),
            self.version,
            self.timestamp,
            self.actor_id.as_str(),
            self.target.as_ref().map(|target| target.as_str()),
            self.payload.as_str(),
        )
    }
}

impl crate::log::Envelope<'_> {
    /// The same as [`EventDraft::fingerprint`], for an event that stands in the log.
    pub fn fingerprint(&self) -> [u8; 16] {
        fingerprint(
            &self.event_id,
            &self.event_type,
            self.version,
            self.timestamp,
            &self.actor_id,
            self.target.as_deref(),
            self.payload,
        )
    }
}

fn fingerprint(
    event_id: &str,
    event_type: &str,
    version: u32,
    timestamp: Timestamp,
    actor_id: &str,
    target: Option<&str>,
    payload: &str,
) -> [u8; 16] {
    let hash = Hash::of_parts(&[
        event_id.as_bytes(),
        event_type.as_bytes(),
        &version.to_be_bytes(),
        &timestamp.timestamp().to_be_bytes(),
        &timestamp.timestamp_subsec_nanos().to_be_bytes(),
        actor_id.as_bytes(),
        &[u8::from(target.is_some())],
        target.unwrap_or_default().as_bytes(),
        payload.as_bytes(),
    ]);
    let mut short = [0; 16];
    short.copy_from_slice(&hash.as_bytes()[..16]);
    short
}
