//! The verifiable form of a log, as a stream of lines.

use super::read::Reader;
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use leviathan_core::log::{ExportLine, Head, Position, RecordedEvent};
use leviathan_core::store::StoreError;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many events are read at a time. Never all in one statement, which would hold a snapshot for as long as it takes.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// The lines behind `after` up to and with `last`.
pub(super) fn lines(
    reader: Arc<Reader>,
    after: Position,
    last: Head,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
    let pages = stream::try_unfold((reader, after), move |(reader, after)| async move {
        let rest = last.position.get().saturating_sub(after.get());
        let Some(rest) = NonZeroUsize::new(usize::try_from(rest).unwrap_or(usize::MAX)) else {
            return Ok(None);
        };
        let page = reader.page(after, rest.min(PAGE)).await?;
        let end = page.last().map(|event| event.head.position);
        Ok::<_, StoreError>(end.map(|end| (page, (reader, end))))
    });
    pages.map_ok(|page| stream::iter(page).map(|event| Ok(line(&event)))).try_flatten()
}

fn line(event: &RecordedEvent) -> Bytes {
    let mut line = Vec::with_capacity(event.body.bytes().len() + 128);
    ExportLine::write(&event.head, &event.body, &mut line);
    line.into()
}
