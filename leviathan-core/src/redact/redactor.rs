//! `Redactor`: takes known secrets out of texts.

use super::RedactedStream;
use super::cuts::{LONGEST_NOTE, Pieces};
use super::folded::{Fold, WIDEST};
use super::forms::{Form, forms_of};
use super::ranges::{merged, replaced};
use crate::Secret;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// Replaces known secrets by `[secret]`, in whatever form a program may have printed them:
///
/// - as they are, line by line where they have several, and as JSON writes them;
/// - in Base64 of either alphabet, with or without padding, alone or within a longer text;
/// - each of these with any of its bytes in percent form, broken into lines, or as the lines of a patch;
/// - what is left of them on either side of a `…`, by which this workspace marks that something was left out.
///
/// A secret of fewer than six bytes is left alone, since it occurs by chance. Time and memory are in proportion to the text;
/// so is the memory for the secrets to what they have together.
///
/// ```
/// use leviathan_core::Secret;
/// use leviathan_core::redact::Redactor;
///
/// let redactor = Redactor::new([Secret::new("t0ken-s3cret")]);
/// assert_eq!(redactor.text("push with t0ken-s3cret"), "push with [secret]");
/// assert_eq!(redactor.text("Basic dDBrZW4tczNjcmV0"), "Basic [secret]");
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Vec<Form>,
    /// Nothing where there is nothing to look for.
    search: Option<AhoCorasick>,
    pieces: Pieces,
}

impl Redactor {
    /// Knows these secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let forms: BTreeSet<Form> =
            secrets.into_iter().flat_map(|secret| forms_of(secret.expose())).collect();
        let forms: Vec<Form> = forms.into_iter().collect();
        // Of the kinds this is the one whose memory is in proportion to the forms.
        let search = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms.iter().map(|form| &form.text))
            .ok()
            .filter(|_| !forms.is_empty());
        let pieces = Pieces::of(forms.iter());
        Self { forms, search, pieces }
    }

    /// The bytes without any known secret.
    pub fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let ranges = self.ranges(&bytes);
        if ranges.is_empty() { bytes } else { replaced(&bytes, &ranges) }
    }

    /// The text without any known secret.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes().to_vec())).into_owned()
    }

    /// Whether a known secret stands there, whole.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        let mut found = Vec::new();
        self.find_whole(bytes, &mut found);
        !found.is_empty()
    }

    /// The same for text that comes in pieces, in bounded memory.
    pub fn stream(&self) -> RedactedStream {
        RedactedStream::new(self.clone())
    }

    /// How far a secret and what tells of it may reach in a text.
    pub(super) fn reach(&self) -> usize {
        let longest = self.forms.iter().map(|form| form.text.len()).max().unwrap_or_default();
        (longest + 2) * WIDEST + LONGEST_NOTE
    }

    /// Where secrets and their pieces stand, in order.
    pub(super) fn ranges(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !self.forms.is_empty() {
            self.find_whole(text, &mut found);
            self.pieces.find(text, &mut found);
        }
        merged(found)
    }

    fn find_whole(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        let Some(search) = &self.search else {
            // Too much to look for: then nothing is let through.
            found.extend((!self.forms.is_empty() && !text.is_empty()).then_some(0..text.len()));
            return;
        };
        for fold in Fold::ALL {
            let folded = fold.of(text);
            for hit in search.find_overlapping_iter(&folded.bytes) {
                let [before, behind] = self.forms[hit.pattern().as_usize()].shared;
                let (start, end) = (hit.start().saturating_sub(before), hit.end() + behind);
                found.push(folded.place(start..end.min(folded.bytes.len())));
            }
            // One secret many times over is not kept once for each of its forms and folds.
            *found = merged(std::mem::take(found));
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("forms", &self.forms.len()).finish_non_exhaustive()
    }
}
