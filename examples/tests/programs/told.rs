//! What a host told when it had finished: the head that it printed, and the log that it exported.

use bytes::Bytes;
use leviathan_core::event::{Event, Origin};
use leviathan_core::log::{ExportLine, Head, RecordedEvent, verify_lines};
use std::path::Path;

/// The events of an export, which must verify up to the head that was printed.
#[track_caller]
pub(crate) fn told(printed: &str, export: &Path) -> Vec<RecordedEvent> {
    let head: Head = printed
        .lines()
        .find_map(|line| line.strip_prefix("head    "))
        .and_then(|head| head.parse().ok())
        .unwrap_or_else(|| panic!("no head in\n{printed}"));
    let text = std::fs::read(export).expect("the export is there");
    let lines: Vec<Bytes> = text.split_inclusive(|byte| *byte == b'\n').map(Bytes::copy_from_slice).collect();
    let verified = verify_lines(lines.iter().cloned().map(Ok::<_, std::convert::Infallible>), Some(head));
    assert_eq!(verified, Ok(Ok(head)), "{printed}");
    lines.iter().map(|line| ExportLine::parse(line).expect("it verified").into_recorded()).collect()
}

/// What the control plane itself saw.
pub(crate) fn observed(event: &RecordedEvent) -> Option<Event> {
    let observed = event.body.envelope().ok()?.origin == Origin::Observed;
    observed.then(|| decode(event)).flatten()
}

pub(crate) fn decode(event: &RecordedEvent) -> Option<Event> {
    let envelope = event.body.envelope().ok()?;
    Event::decode(&envelope.event_type, envelope.version, envelope.payload, None).ok()
}
