//! `RedactedStream`: takes known secrets out of text that comes in pieces.

use super::Redactor;
use super::ranges::{merged, replaced};
use std::ops::Range;

/// How much is taken together, so that what is held back is not looked through for each small piece.
const TOGETHER: usize = 64 * 1024;

/// Takes text in pieces, and gives it back without the secrets that its [`Redactor`] knows, also where one is divided between
/// pieces. It holds back as much as a secret may reach, and up to 64 KiB more.
#[derive(Debug)]
pub struct RedactedStream {
    redactor: Redactor,
    held: Vec<u8>,
    /// What is known to be secret in it.
    known: Vec<Range<usize>>,
}

impl RedactedStream {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, held: Vec::new(), known: Vec::new() }
    }

    /// Takes the next bytes and gives those that can hold no more of a secret.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for bytes in bytes.chunks(TOGETHER) {
            self.held.extend_from_slice(bytes);
            if self.held.len() >= TOGETHER + self.redactor.reach() {
                out.extend(self.give(self.held.len() - self.redactor.reach()));
            }
        }
        out
    }

    /// The rest.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.give(self.held.len())
    }

    /// Gives what is held up to `safe`, and to the end of the secret that reaches across it.
    fn give(&mut self, safe: usize) -> Vec<u8> {
        let mut ranges = self.redactor.ranges(&self.held);
        ranges.append(&mut self.known);
        let mut ranges = merged(ranges);
        let further = ranges.partition_point(|range| range.start < safe);
        // Pieces of secrets are known by what stood before them, and that goes away.
        let later = ranges.split_off(further);
        let end = ranges.last().map_or(safe, |last| last.end.max(safe));
        let given = replaced(&self.held[..end], &ranges);
        self.known =
            later.into_iter().map(|range| range.start - end.min(range.start)..range.end - end).collect();
        self.held.drain(..end);
        given
    }
}
