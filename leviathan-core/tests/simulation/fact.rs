//! `Fact`: an event of the log, read once, with the host that appended it.

use super::author::Author;
use leviathan_core::event::{Event, Origin};
use leviathan_core::id::TargetId;
use leviathan_core::log::{Position, RecordedEvent};

#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) position: Position,
    pub(crate) author: Author,
    pub(crate) origin: Origin,
    pub(crate) fingerprint: [u8; 16],
    pub(crate) event: Event,
    /// In one line, for the trace.
    pub(crate) line: String,
}

impl Fact {
    pub(crate) fn read(author: Author, recorded: &RecordedEvent) -> Self {
        let envelope = recorded.body.envelope().unwrap();
        let target = envelope.target.as_deref().and_then(|target| TargetId::new(target).ok());
        let payload = envelope.payload;
        let event = Event::decode(&envelope.event_type, envelope.version, payload, target.as_ref()).unwrap();
        let position = recorded.head.position;
        let brief: String = payload.chars().take(160).collect();
        Self {
            position,
            author,
            origin: envelope.origin,
            fingerprint: envelope.fingerprint(),
            event,
            line: format!("[{position}] {} {brief}", envelope.event_type),
        }
    }
}
