//! `CapturedOutput`: a command's output, its middle left out where it is too long.

use super::output_cap::gap_note;

/// The beginning and the end of a command's output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CapturedOutput {
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes, as far as they are not in the head.
    pub tail: Vec<u8>,
    /// How many bytes between them were not kept.
    pub dropped: u64,
}

impl CapturedOutput {
    /// The output as one piece, with a line that says what is missing.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        bytes.extend(gap_note(self.head.last().copied(), self.dropped));
        bytes.extend_from_slice(&self.tail);
        bytes
    }

    /// The same as text, with a replacement character for what is no UTF-8.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.to_bytes()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::OutputCap;
    use proptest::prelude::*;

    fn captured(limit: usize, chunks: &[Vec<u8>]) -> CapturedOutput {
        let mut cap = OutputCap::new(limit);
        let mut head = Vec::new();
        for chunk in chunks {
            head.extend_from_slice(cap.take(chunk));
        }
        let (tail, dropped) = cap.finish();
        CapturedOutput { head, tail, dropped }
    }

    #[test]
    fn what_is_left_out_is_said_on_a_line_of_its_own() {
        assert_eq!(captured(4, &[b"abcdefgh".to_vec()]).to_text(), "ab\n[… 4 bytes left out …]\ngh");
        assert_eq!(captured(4, &[b"a\ncdefgh".to_vec()]).to_text(), "a\n[… 4 bytes left out …]\ngh");
        assert_eq!(captured(8, &[b"abcdefgh".to_vec()]).to_text(), "abcdefgh");
    }

    proptest! {
        #[test]
        fn however_it_arrives_the_ends_are_kept_and_every_byte_is_counted(
            limit in 0usize..40,
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..10),
        ) {
            let all = chunks.concat();
            let got = captured(limit, &chunks);
            prop_assert!(got.head.len() + got.tail.len() <= limit);
            prop_assert_eq!(got.head.len() + got.tail.len() + got.dropped as usize, all.len());
            prop_assert!(all.starts_with(&got.head) && all.ends_with(&got.tail));
            prop_assert_eq!(got.dropped == 0, all.len() <= limit);
        }
    }
}
