//! `Index`: where in which segment an event stands.

use leviathan_core::log::{Head, Position};

/// How many bytes lie between two marks, at least: an event is found by reading no more than this and one line.
const STRIDE: u64 = 16 * 1024;

/// A place where an event's line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The event.
    pub(super) position: Position,
    /// Bytes from the beginning of the segment, or of the batch while that has no place yet.
    pub(super) offset: u64,
}

/// What is known of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// The position of its first event, which names it.
    pub(super) first: Position,
    /// Bytes up to and with its last commit line.
    pub(super) end: u64,
    /// Sparse: the first event, and then one for each [`STRIDE`].
    marks: Vec<Mark>,
}

/// The durable log: its head, and a few marks for each segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    /// The last durable event.
    pub(super) head: Head,
    segments: Vec<Segment>,
}

impl Segment {
    /// A segment that holds nothing yet.
    pub(super) fn empty(first: Position) -> Self {
        Self { first, end: 0, marks: Vec::new() }
    }

    /// Takes a batch in, its marks counted from the segment's beginning.
    pub(super) fn extend(&mut self, marks: impl IntoIterator<Item = Mark>, end: u64) {
        for mark in marks {
            if self.marks.last().is_none_or(|last| last.offset + STRIDE <= mark.offset) {
                self.marks.push(mark);
            }
        }
        self.end = end;
    }
}

impl Index {
    /// An empty log.
    pub(super) fn empty() -> Self {
        Self { head: Head::EMPTY, segments: Vec::new() }
    }

    /// Adds the next segment, which ends at `head`.
    pub(super) fn push(&mut self, segment: Segment, head: Head) {
        self.segments.push(segment);
        self.head = head;
    }

    /// The segment that is written to.
    pub(super) fn last(&self) -> Option<&Segment> {
        self.segments.last()
    }

    /// Takes in a batch that is durable now, at the end of the segment that begins with `first`.
    pub(super) fn commit(&mut self, first: Position, marks: &[Mark], bytes: u64, head: Head) {
        if self.segments.last().is_none_or(|segment| segment.first != first) {
            self.segments.push(Segment::empty(first));
        }
        if let Some(segment) = self.segments.last_mut() {
            let start = segment.end;
            let placed = marks.iter().map(|mark| Mark { offset: start + mark.offset, ..*mark });
            segment.extend(placed, start + bytes);
        }
        self.head = head;
    }

    /// The segment that holds `position`, by its first one, and the last mark at or before it. None outside the log.
    pub(super) fn locate(&self, position: Position) -> Option<(Position, Mark)> {
        if position == Position::START || position > self.head.position {
            return None;
        }
        let segment = self.segments.partition_point(|segment| segment.first <= position);
        let segment = self.segments.get(segment.checked_sub(1)?)?;
        let mark = segment.marks.partition_point(|mark| mark.position <= position);
        Some((segment.first, *segment.marks.get(mark.checked_sub(1)?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::log::Hash;

    #[test]
    fn a_position_is_found_from_a_mark_close_before_it() {
        let mut index = Index::empty();
        let head = |n| Head { position: Position::new(n), hash: Hash::ZERO };
        for n in 1..=1000 {
            let first = Position::new(if n <= 600 { 1 } else { 601 });
            index.commit(first, &[Mark { position: Position::new(n), offset: 0 }], 1000, head(n));
        }
        for n in 1..=1000 {
            let (first, mark) = index.locate(Position::new(n)).unwrap();
            assert_eq!(first.get(), if n <= 600 { 1 } else { 601 });
            assert_eq!(mark.offset, (mark.position.get() - first.get()) * 1000);
            assert!(
                mark.position.get() <= n && (n - mark.position.get()) * 1000 < STRIDE + 1000,
                "{n}: {mark:?}"
            );
        }
        assert_eq!(index.locate(Position::START), None);
        assert_eq!(index.locate(Position::new(1001)), None);
        let marks: usize = index.segments.iter().map(|segment| segment.marks.len()).sum();
        assert!(marks < 70, "{marks} marks for a megabyte");
    }
}
