//! Logs of random events.

use bytes::Bytes;
use leviathan_core::event::{EventDraft, Origin, Payload};
use leviathan_core::id::{ActorId, EventId, TargetId};
use leviathan_core::log::{EventBody, ExportLine, Head, SealedEvent};
use leviathan_core::parse_timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A log: its lines, and the head behind each.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) lines: Vec<Bytes>,
    pub(crate) heads: Vec<Head>,
}

impl Log {
    /// A log of these bodies.
    pub(crate) fn of(bodies: impl IntoIterator<Item = EventBody>) -> Self {
        let sealed = SealedEvent::chain(Head::EMPTY, bodies);
        Self {
            lines: sealed.iter().map(|event| line(&event.head, &event.body)).collect(),
            heads: sealed.iter().map(|event| event.head).collect(),
        }
    }

    /// The head behind the first `count` events.
    pub(crate) fn head(&self, count: usize) -> Head {
        count.checked_sub(1).map_or(Head::EMPTY, |last| self.heads[last])
    }

    /// The export of the first `count` events.
    pub(crate) fn export(&self, count: usize) -> Vec<u8> {
        self.lines[..count].concat()
    }
}

/// The line of one event.
pub(crate) fn line(head: &Head, body: &EventBody) -> Bytes {
    let mut line = Vec::new();
    ExportLine::write(head, body, &mut line);
    line.into()
}

/// Random logs.
pub(crate) fn log(events: RangeInclusive<usize>) -> impl Strategy<Value = Log> {
    vec(body(), events).prop_map(Log::of)
}

/// Events as they are recorded, and any other line that a chain could hold.
pub(crate) fn body() -> impl Strategy<Value = EventBody> {
    let written = (any::<[String; 2]>(), any::<(i64, f64)>(), 0..2_000_000_000_u64);
    let written = written.prop_map(|([id, text], (whole, number), millis)| {
        let json = serde_json::json!({ "text": text.replace('\0', ""), "whole": whole, "number": number });
        let at = parse_timestamp("2026-01-24T10:00:05Z").unwrap() + Duration::from_millis(millis);
        let draft = EventDraft {
            event_id: EventId::new(format!("event-{id}")).unwrap(),
            event_type: "file.discovered".into(),
            version: 1,
            timestamp: at,
            actor_id: ActorId::new("worker").unwrap(),
            origin: Origin::Claimed,
            target: TargetId::new(id).ok(),
            payload: Payload::parse(&json.to_string()).unwrap(),
        };
        EventBody::write(&draft, at)
    });
    let other = vec(any::<u8>().prop_filter("a line break ends a line", |byte| *byte != b'\n'), 0..40);
    prop_oneof![3 => written, 1 => other.prop_map(|bytes| EventBody::seal(bytes.into()))]
}
