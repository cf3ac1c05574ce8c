//! `Fingerprints`: which events are in the log, in as little memory as it takes to know.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::fmt;

/// How many are kept unsorted before they become a run.
const UNSORTED: usize = 512;

/// A set of fingerprints that only grows, in 16 bytes for each.
///
/// They are kept in sorted runs, of which each is more than twice as long as the next, so that adding merges rarely and
/// looking searches few. A tree or a hash table of as many takes up to two and a half times the memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Fingerprints {
    unsorted: Vec<u128>,
    runs: Vec<Vec<u128>>,
}

impl Fingerprints {
    pub(super) fn insert(&mut self, fingerprint: [u8; 16]) {
        self.unsorted.push(u128::from_be_bytes(fingerprint));
        if self.unsorted.len() == UNSORTED {
            let mut run = self.unsorted.clone();
            self.unsorted.clear();
            run.sort_unstable();
            while let Some(longer) = self.runs.pop_if(|longer| longer.len() <= 2 * run.len()) {
                run = merged(&longer, &run);
            }
            self.runs.push(run);
        }
    }

    pub(super) fn contains(&self, fingerprint: &[u8; 16]) -> bool {
        let wanted = u128::from_be_bytes(*fingerprint);
        self.unsorted.contains(&wanted) || self.runs.iter().any(|run| run.binary_search(&wanted).is_ok())
    }

    /// All of them, each once, in order: however they came in, the same set is the same list.
    pub(super) fn sorted(&self) -> Vec<u128> {
        let mut all: Vec<u128> = self.runs.iter().flatten().chain(&self.unsorted).copied().collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Written as their bytes, each once and in order.
impl Serialize for Fingerprints {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.sorted().into_iter().flat_map(u128::to_be_bytes).collect();
        to.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_bytes(Bytes)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Fingerprints;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fingerprints of 16 bytes each")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Fingerprints, E> {
        let (all, rest) = bytes.as_chunks::<16>();
        let run: Vec<u128> = all.iter().map(|one| u128::from_be_bytes(*one)).collect();
        if !rest.is_empty() || !run.is_sorted() {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        let runs = if run.is_empty() { Vec::new() } else { vec![run] };
        Ok(Fingerprints { unsorted: Vec::new(), runs })
    }
}

/// Two sorted runs as one, each fingerprint once.
fn merged(one: &[u128], other: &[u128]) -> Vec<u128> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if b < a => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        };
        match next {
            Some(next) if all.last() == Some(next) => {}
            Some(next) => all.push(*next),
            None => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The `n`th of a sequence in no order.
    fn fingerprint(n: usize) -> [u8; 16] {
        let hash = crate::log::Hash::of(&n.to_be_bytes());
        hash.as_bytes()[..16].try_into().unwrap()
    }

    #[test]
    fn what_was_put_in_is_found_once_and_nothing_else_is() {
        for count in [0, 1, UNSORTED - 1, UNSORTED, UNSORTED * 7 + 3] {
            let mut all = Fingerprints::default();
            let mut expected = BTreeSet::new();
            // Each third is told twice, now and then in another run.
            for n in (0..count).chain((0..count).step_by(3)) {
                all.insert(fingerprint(n));
                expected.insert(u128::from_be_bytes(fingerprint(n)));
            }
            assert!((0..count).all(|n| all.contains(&fingerprint(n))), "{count}");
            assert!((count..count + 100).all(|n| !all.contains(&fingerprint(n))), "{count}");
            assert_eq!(all.sorted(), expected.into_iter().collect::<Vec<_>>(), "{count}");
        }
    }

    #[test]
    fn a_hundred_thousand_stand_in_a_few_runs_without_room_to_spare() {
        let mut all = Fingerprints::default();
        (0..100_000).for_each(|n| all.insert(fingerprint(n)));
        assert!(all.runs.len() <= 9, "{} runs", all.runs.len());
        assert!(all.runs.iter().all(|run| run.capacity() == run.len()));
    }
}
