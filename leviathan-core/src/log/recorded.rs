//! `SealedEvent` and `RecordedEvent`: an event with its place in the chain, before and after it is durable.

use super::{EventBody, Head};

/// An event made ready for one place in the log, not yet durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEvent {
    /// The head of the log once this event is its last.
    pub head: Head,
    /// The event itself.
    pub body: EventBody,
}

/// An event that stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Where it stands, and the hash there.
    pub head: Head,
    /// The event itself.
    pub body: EventBody,
}

impl SealedEvent {
    /// Links bodies behind `head`, in order.
    pub fn chain(head: Head, bodies: impl IntoIterator<Item = EventBody>) -> Vec<SealedEvent> {
        let link = |last: &mut Head, body: EventBody| {
            *last = last.then(body.leaf());
            Some(SealedEvent { head: *last, body })
        };
        bodies.into_iter().scan(head, link).collect()
    }

    /// What it is once the store has made it durable.
    pub fn recorded(self) -> RecordedEvent {
        RecordedEvent { head: self.head, body: self.body }
    }
}
