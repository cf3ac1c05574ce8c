//! `Folded`: a text without what may stand within a secret that is printed in it.

use std::ops::Range;

/// How many bytes in a row are left out at most. Of a wider gap, across which nobody prints a secret, some stay.
const MOST_LEFT_OUT: usize = 4;
/// How many bytes of a text one byte of a folded one may stand for: one in percent form, and what is left out before it.
pub(super) const WIDEST: usize = 3 + MOST_LEFT_OUT;

/// What is left out of a text before secrets are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// Nothing.
    Nothing,
    /// Line breaks, as `base64` and mail set them, and percent forms are read.
    Lines,
    /// The same, and the sign that a patch begins each line with.
    Patch,
}

/// A folded text, and where each of its bytes comes from.
pub(super) struct Folded {
    pub(super) bytes: Vec<u8>,
    /// Behind each index, how far the text's places are ahead of the folded ones.
    shifts: Vec<(usize, usize)>,
    /// Which of the folded bytes stood in percent form.
    escaped: Vec<usize>,
}

impl Fold {
    pub(super) const ALL: [Self; 3] = [Self::Nothing, Self::Lines, Self::Patch];

    pub(super) fn of(self, text: &[u8]) -> Folded {
        let mut folded =
            Folded { bytes: Vec::with_capacity(text.len()), shifts: Vec::new(), escaped: Vec::new() };
        if self == Self::Nothing {
            folded.bytes.extend_from_slice(text);
            return folded;
        }
        let mut at = 0;
        while at < text.len() {
            let left_out = self.left_out(&text[at..]);
            if left_out > 0 {
                at += left_out;
                folded.shift(at);
            }
            let Some(&byte) = text.get(at) else { break };
            match percent(&text[at..]) {
                Some(byte) => {
                    folded.escaped.push(folded.bytes.len());
                    folded.bytes.push(byte);
                    at += 3;
                    folded.shift(at);
                }
                None => {
                    folded.bytes.push(byte);
                    at += 1;
                }
            }
        }
        folded
    }

    /// How many bytes at the start of `text` are left out.
    fn left_out(self, text: &[u8]) -> usize {
        let breaks =
            text.iter().take(MOST_LEFT_OUT + 1).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let signs = match self {
            Self::Patch if breaks > 0 => usize::from(matches!(text.get(breaks), Some(b'+' | b'-' | b' '))),
            _ => 0,
        };
        if breaks + signs > MOST_LEFT_OUT { 0 } else { breaks + signs }
    }
}

impl Folded {
    /// From here on the text is `at` where the folded one is at its present end.
    fn shift(&mut self, at: usize) {
        let (index, shift) = (self.bytes.len(), at - self.bytes.len());
        match self.shifts.last_mut() {
            Some(last) if last.0 == index => last.1 = shift,
            _ => self.shifts.push((index, shift)),
        }
    }

    /// Where in the text the folded bytes of a range stand.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.start_of(range.start);
        if range.is_empty() {
            return start..start;
        }
        let last = range.end - 1;
        let width = if self.escaped.binary_search(&last).is_ok() { 3 } else { 1 };
        start..self.start_of(last) + width
    }

    fn start_of(&self, index: usize) -> usize {
        let behind = self.shifts.partition_point(|(from, _)| *from <= index);
        index + behind.checked_sub(1).map_or(0, |last| self.shifts[last].1)
    }
}

/// The byte that a percent form at the start of `text` stands for.
fn percent(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_and_read_is_found_again_in_the_text() {
        let text = b"ab\r\nc%64e\n%66%6";
        let folded = Fold::Lines.of(text);
        assert_eq!(folded.bytes, b"abcdef%6");
        for (range, place) in [
            (0..2, &b"ab"[..]),
            (1..3, b"b\r\nc"),
            (2..4, b"c%64"),
            (4..6, b"e\n%66"),
            (5..8, b"%66%6"),
            (0..8, text),
        ] {
            assert_eq!(&text[folded.place(range)], place);
        }
        assert_eq!(Fold::Patch.of(b" a\n+b\n++c\n d").bytes, b" ab+cd");
        assert_eq!(Fold::Nothing.of(text).bytes, text);
    }

    #[test]
    fn a_gap_that_is_wide_stays_one() {
        assert_eq!(Fold::Lines.of(b"a\n\n\n\nb").bytes, b"ab");
        assert_eq!(Fold::Lines.of(b"a\n\n\n\n\nb").bytes, b"a\nb");
    }
}
