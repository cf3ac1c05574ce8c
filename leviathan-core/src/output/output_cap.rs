//! `OutputCap`: keeps the two ends of a stream of bytes.

use std::collections::VecDeque;

/// The line that stands for `dropped` bytes after a head that ends with `last`; empty if nothing is missing.
pub fn gap_note(last: Option<u8>, dropped: u64) -> Vec<u8> {
    if dropped == 0 {
        return Vec::new();
    }
    let line_break = if last.is_none_or(|byte| byte == b'\n') { "" } else { "\n" };
    format!("{line_break}[… {dropped} bytes left out …]\n").into_bytes()
}

/// Splits a stream of bytes into a head, which the caller keeps as it comes, and a tail of bounded size.
#[derive(Debug)]
pub struct OutputCap {
    head_left: usize,
    tail: VecDeque<u8>,
    tail_limit: usize,
    dropped: u64,
}

impl OutputCap {
    /// Keeps `limit` bytes: half of them, rounded up, in the head.
    pub fn new(limit: usize) -> Self {
        let tail_limit = limit / 2;
        Self { head_left: limit - tail_limit, tail: VecDeque::new(), tail_limit, dropped: 0 }
    }

    /// Takes the next bytes and gives back those of them that belong to the head.
    pub fn take<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let (head, rest) = chunk.split_at(self.head_left.min(chunk.len()));
        self.head_left -= head.len();
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.tail_limit);
        self.tail.drain(..over);
        self.dropped += over as u64;
        head
    }

    /// The tail, and how many bytes before it were not kept.
    pub fn finish(self) -> (Vec<u8>, u64) {
        (self.tail.into(), self.dropped)
    }
}
