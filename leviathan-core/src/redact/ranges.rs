//! Ranges of a text, and what stands in their place.

use std::ops::Range;

/// What stands in the place of a secret.
const MARK: &[u8] = b"[secret]";

/// In order, those that overlap as one.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The text with the mark in the place of each range. They are in order and do not overlap.
pub(super) fn replaced(text: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        out.extend_from_slice(&text[done..range.start]);
        out.extend_from_slice(MARK);
        done = range.end;
    }
    out.extend_from_slice(&text[done..]);
    out
}
