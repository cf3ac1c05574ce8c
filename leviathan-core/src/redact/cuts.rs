//! `Pieces`: what is left of a secret where a text was cut.

use super::folded::{Fold, Folded, WIDEST};
use super::forms::Form;
use std::ops::Range;

/// Shorter pieces are left alone.
const SHORTEST_PIECE: usize = 3;
/// What stands where something was left out; see [`places`].
const ELLIPSIS: &[u8] = "…".as_bytes();
/// How long the note is that says what is missing.
pub(super) const LONGEST_NOTE: usize = 96;

/// How secrets begin and end.
#[derive(Clone, Default)]
pub(super) struct Pieces {
    forms: Vec<Vec<u8>>,
    /// The same from their ends.
    reversed: Vec<Vec<u8>>,
    longest: usize,
}

impl Pieces {
    pub(super) fn of<'a>(forms: impl Iterator<Item = &'a Form>) -> Self {
        let mut forms: Vec<Vec<u8>> = forms.map(|form| form.text.clone()).collect();
        forms.sort_unstable();
        let mut reversed: Vec<Vec<u8>> =
            forms.iter().map(|form| form.iter().rev().copied().collect()).collect();
        reversed.sort_unstable();
        let longest = forms.iter().map(Vec::len).max().unwrap_or_default();
        Self { forms, reversed, longest }
    }

    /// The pieces at each place where the text was cut. Takes time in proportion to the text.
    pub(super) fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        let mut from = 0;
        let reach = self.longest * WIDEST;
        let mut places = places(text).peekable();
        while let Some(cut) = places.next() {
            let next = places.peek().map_or(text.len(), |next| next.start);
            found.extend(self.before(text, from.max(cut.start.saturating_sub(reach))..cut.start));
            found.extend(self.behind(text, cut.end..next.min(cut.end + reach)));
            from = cut.end;
        }
    }

    /// The longest beginning of a secret that the window ends with, but for a line break.
    fn before(&self, text: &[u8], window: Range<usize>) -> Option<Range<usize>> {
        let whole = &text[window.clone()];
        let breaks = whole.iter().rev().take_while(|byte| is_break(byte)).count();
        let whole = &whole[..whole.len() - breaks];
        // Half of a percent form may be all that is left of a byte.
        let half = whole.iter().rev().take(2).position(|byte| *byte == b'%').map_or(0, |behind| behind + 1);
        let piece = |fold: Fold| {
            let folded = fold.of(&whole[..whole.len() - half]);
            let begins = |start: &usize| is_prefix(&self.forms, &folded.bytes[*start..]);
            let start = (0..folded.bytes.len().saturating_sub(SHORTEST_PIECE - 1)).find(begins)?;
            Some(folded.place(start..folded.bytes.len()))
        };
        let piece = Fold::ALL.into_iter().filter_map(piece).min_by_key(|piece| piece.start)?;
        let end = if half > 0 { whole.len() } else { piece.end };
        Some(window.start + piece.start..window.start + end)
    }

    /// The longest end of a secret that the window begins with, but for a line break.
    fn behind(&self, text: &[u8], window: Range<usize>) -> Option<Range<usize>> {
        let whole = &text[window.clone()];
        let breaks = whole.iter().take_while(|byte| is_break(byte)).count();
        let (window, whole) = (window.start + breaks..window.end, &whole[breaks..]);
        let digits = whole.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let piece = |(fold, half): (Fold, usize)| {
            let folded: Folded = fold.of(&whole[half..]);
            let reversed: Vec<u8> = folded.bytes.iter().rev().copied().collect();
            let ends = |start: &usize| is_prefix(&self.reversed, &reversed[*start..]);
            let start = (0..reversed.len().saturating_sub(SHORTEST_PIECE - 1)).find(ends)?;
            let place = folded.place(0..reversed.len() - start);
            Some((if half > 0 { 0 } else { place.start })..half + place.end)
        };
        let tries = Fold::ALL.into_iter().flat_map(|fold| (0..=digits).map(move |half| (fold, half)));
        let piece = tries.filter_map(piece).max_by_key(|piece| piece.end)?;
        Some(window.start + piece.start..window.start + piece.end)
    }
}

/// Whether one of the sorted texts begins with this and goes on.
fn is_prefix(sorted: &[Vec<u8>], begin: &[u8]) -> bool {
    let at = sorted.partition_point(|form| form.as_slice() <= begin);
    sorted.get(at).is_some_and(|form| form.starts_with(begin))
}

fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Where something was left out: at each `…`, and where `[… so much left out …]` stands, at the whole note.
fn places(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].windows(ELLIPSIS.len()).position(|window| window == ELLIPSIS)?;
        let behind = start + ELLIPSIS.len();
        let note = &text[behind..text.len().min(behind + LONGEST_NOTE - 8)];
        let end = note.windows(ELLIPSIS.len() + 1).position(|window| window == "…]".as_bytes());
        let is_note = start > from && text[start - 1] == b'[';
        let place = match end.filter(|end| is_note && !note[..*end].contains(&b'\n')) {
            Some(end) => start - 1..behind + end + ELLIPSIS.len() + 1,
            None => start..behind,
        };
        from = place.end;
        Some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_what_is_left_out_is_one_place() {
        let text = "ab…cd\n[… 12 bytes left out …]\nef[…]…";
        let found: Vec<&str> = places(text.as_bytes()).map(|place| &text[place]).collect();
        assert_eq!(found, ["…", "[… 12 bytes left out …]", "…", "…"]);
    }
}
