//! Reading events to show them, within bounds.

use crate::Problem;
use crate::server::refuse::BROKEN;
use crate::view::EventView;
use leviathan_core::Ledger;
use leviathan_core::log::{Position, RecordedEvent};
use std::num::NonZeroUsize;

/// No further events are read once they have this many bytes together.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How many events are read at once; each has at most 256 KiB.
pub(super) const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(49);

/// As many of the last of these events as the bounds allow, in the order of the log.
pub(in crate::server) async fn newest(
    ledger: &Ledger,
    positions: &[Position],
) -> Result<Vec<EventView>, Problem> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    for page in positions.rchunks(PAGE.get()) {
        for event in ledger.store().get(page).await?.iter().rev() {
            bytes += event.body.bytes().len();
            events.push(view(event)?);
        }
        if bytes > MAX_BYTES {
            break;
        }
    }
    events.reverse();
    Ok(events)
}

/// The events behind `after`, as many as the bounds and `limit` allow, and at least one if there is any.
pub(super) async fn behind(
    ledger: &Ledger,
    mut after: Position,
    limit: usize,
) -> Result<Vec<EventView>, Problem> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(due) = NonZeroUsize::new(limit - events.len()).filter(|_| bytes <= MAX_BYTES) {
        let page = ledger.store().read(after, due.min(PAGE)).await?;
        let Some(last) = page.last() else { break };
        after = last.head.position;
        for event in &page {
            bytes += event.body.bytes().len();
            events.push(view(event)?);
        }
    }
    Ok(events)
}

/// An event as it is shown.
pub(super) fn view(event: &RecordedEvent) -> Result<EventView, Problem> {
    EventView::try_from(event).map_err(|error| {
        let position = event.head.position;
        BROKEN.because(format_args!("the event at position {position} cannot be shown: {error}"))
    })
}
