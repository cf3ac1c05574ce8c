//! `Tail`: the newest events as streams send them, read once for all who follow.

use super::reading::{PAGE, view};
use crate::Problem;
use bytes::{BufMut, Bytes, BytesMut};
use leviathan_core::Ledger;
use leviathan_core::log::{Position, RecordedEvent};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How many bytes are kept for those who follow.
const KEPT: usize = 8 * 1024 * 1024;
/// How many bytes a follower is sent at once, give or take an event.
const PIECE: usize = 64 * 1024;

/// The newest events that anybody followed to. Whoever is at their end reads on for all; whoever is behind them reads for
/// itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail(Arc<Mutex<Ring>>);

/// Events that follow one another.
#[derive(Debug, Default)]
struct Ring {
    events: VecDeque<Told>,
    bytes: usize,
}

/// One event in the form of a stream.
#[derive(Debug, Clone)]
struct Told {
    position: Position,
    text: Bytes,
}

/// Some events in the form of a stream.
pub(super) struct Piece {
    pub(super) last: Position,
    pub(super) text: Bytes,
}

impl Tail {
    /// What stands behind `after`, or the first part of it. None at the end of the log.
    pub(super) async fn behind(&self, ledger: &Ledger, after: Position) -> Result<Option<Piece>, Problem> {
        let mut ring = self.0.lock().await;
        if let Some(piece) = ring.behind(after) {
            return Ok(Some(piece));
        }
        if ring.last() == Some(after) {
            let page = read(ledger, after).await?;
            ring.take(&page);
            return Ok(piece(page.iter()));
        }
        drop(ring);
        let page = read(ledger, after).await?;
        self.0.lock().await.take(&page);
        Ok(piece(page.iter()))
    }
}

impl Ring {
    fn last(&self) -> Option<Position> {
        self.events.back().map(|told| told.position)
    }

    fn behind(&self, after: Position) -> Option<Piece> {
        let first = self.events.front()?.position;
        let skipped = usize::try_from(after.next().get().checked_sub(first.get())?).ok()?;
        piece(self.events.iter().skip(skipped))
    }

    /// Goes on with a page, or begins anew with one that leads further and does not follow what is here.
    fn take(&mut self, page: &[Told]) {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return };
        if self.last().is_some_and(|known| known >= last.position) {
            return;
        }
        if self.last().map(Position::next) != Some(first.position) {
            *self = Self::default();
        }
        self.bytes += page.iter().map(|told| told.text.len()).sum::<usize>();
        self.events.extend(page.iter().cloned());
        while self.bytes > KEPT
            && let Some(oldest) = self.events.pop_front()
        {
            self.bytes -= oldest.text.len();
        }
    }
}

async fn read(ledger: &Ledger, after: Position) -> Result<Vec<Told>, Problem> {
    ledger.store().read(after, PAGE).await?.iter().map(tell).collect()
}

/// `id:` is the position, so that a client that comes again says how far it came.
fn tell(event: &RecordedEvent) -> Result<Told, Problem> {
    let position = event.head.position;
    // JSON that was read as such, and text: serde_json refuses none of these. It has no line feed.
    let json = serde_json::to_string(&view(event)?).unwrap_or_default();
    Ok(Told { position, text: format!("id: {position}\ndata: {json}\n\n").into() })
}

fn piece<'a>(events: impl Iterator<Item = &'a Told>) -> Option<Piece> {
    let mut text = BytesMut::new();
    let mut last = None;
    for told in events {
        text.put_slice(&told.text);
        last = Some(told.position);
        if text.len() >= PIECE {
            break;
        }
    }
    last.map(|last| Piece { last, text: text.freeze() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(positions: std::ops::RangeInclusive<u64>) -> Vec<Told> {
        let told = |n| Told { position: Position::new(n), text: Bytes::from(format!("{n} ")) };
        positions.map(told).collect()
    }

    #[track_caller]
    fn check(ring: &Ring, after: u64, expected: Option<&str>) {
        let piece = ring.behind(Position::new(after));
        let text = piece.map(|piece| String::from_utf8(piece.text.to_vec()).unwrap());
        assert_eq!(text.as_deref(), expected, "behind {after}");
    }

    #[test]
    fn it_gives_what_follows_a_place_within_it_and_nothing_else() {
        let mut ring = Ring::default();
        check(&ring, 0, None);
        ring.take(&told(5..=7));
        check(&ring, 3, None);
        check(&ring, 4, Some("5 6 7 "));
        check(&ring, 6, Some("7 "));
        check(&ring, 7, None);
        check(&ring, 99, None);
        ring.take(&told(8..=8));
        check(&ring, 6, Some("7 8 "));
    }

    #[test]
    fn what_does_not_follow_begins_it_anew_only_if_it_leads_further() {
        let mut ring = Ring::default();
        ring.take(&told(5..=7));
        ring.take(&told(1..=6));
        check(&ring, 4, Some("5 6 7 "));
        ring.take(&told(7..=9));
        check(&ring, 5, None);
        check(&ring, 6, Some("7 8 9 "));
        ring.take(&told(20..=20));
        check(&ring, 8, None);
        check(&ring, 19, Some("20 "));
    }

    #[test]
    fn it_forgets_the_oldest_when_it_is_full() {
        let large = |n| Told { position: Position::new(n), text: Bytes::from(vec![b'x'; KEPT / 2]) };
        let mut ring = Ring::default();
        ring.take(&[large(1), large(2), large(3)]);
        assert_eq!(ring.events.front().unwrap().position, Position::new(2));
        assert_eq!(ring.bytes, KEPT / 2 * 2);
    }
}
