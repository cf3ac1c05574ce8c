//! `Capture`: the two ends of a log, however often its reading begins anew.

use leviathan_core::output::{CapturedOutput, OutputCap};

/// The two ends of a log. Each reading of it begins at its beginning, and what an earlier one took is passed over.
#[derive(Debug)]
pub(super) struct Capture {
    head: Vec<u8>,
    cap: OutputCap,
    taken: u64,
    /// How far this reading has come.
    at: u64,
}

impl Capture {
    /// Keeps `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { head: Vec::new(), cap: OutputCap::new(limit), taken: 0, at: 0 }
    }

    /// The next reading begins.
    pub(super) fn begins(&mut self) {
        self.at = 0;
    }

    /// Takes what comes next. Gives whether it is the log that was read before, as far as that can still be told.
    pub(super) fn take(&mut self, piece: &[u8]) -> bool {
        let (known, new) = piece.split_at(shorter(piece.len(), self.taken - self.at));
        let head = &self.head[shorter(self.head.len(), self.at)..];
        let both = head.len().min(known.len());
        if head[..both] != known[..both] {
            return false;
        }
        self.at += piece.len() as u64;
        self.taken = self.taken.max(self.at);
        self.head.extend_from_slice(self.cap.take(new));
        true
    }

    /// Whether this reading has come as far as any before it.
    pub(super) fn has_caught_up(&self) -> bool {
        self.at == self.taken
    }

    pub(super) fn finish(self) -> CapturedOutput {
        let (tail, dropped) = self.cap.finish();
        CapturedOutput { head: self.head, tail, dropped }
    }
}

fn shorter(len: usize, other: u64) -> usize {
    usize::try_from(other).map_or(len, |other| len.min(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_log_that_is_read_again_from_its_beginning_is_the_log(
            log in prop::collection::vec(any::<u8>(), 0..60),
            limit in 0usize..70,
            readings in prop::collection::vec((0usize..60, 1usize..9), 0..5),
        ) {
            let mut capture = Capture::new(limit);
            // Each breaks off somewhere, and only the last one does not.
            for (upto, piece) in readings.into_iter().chain([(log.len(), 7)]) {
                capture.begins();
                for piece in log[..upto.min(log.len())].chunks(piece) {
                    prop_assert!(capture.take(piece));
                }
            }
            prop_assert!(capture.has_caught_up());
            let mut once = Capture::new(limit);
            once.take(&log);
            prop_assert_eq!(capture.finish(), once.finish());
        }
    }

    #[test]
    fn another_log_in_its_place_is_noticed_and_not_taken() {
        let mut capture = Capture::new(64);
        capture.take(b"one\ntwo\n");
        capture.begins();
        assert!(!capture.take(b"unable to retrieve it\n"));
        capture.begins();
        assert!(capture.take(b"one\n") && !capture.has_caught_up());
        assert_eq!(capture.finish().to_text(), "one\ntwo\n");
    }
}
