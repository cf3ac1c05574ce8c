//! Whatever is done to an export is found, by core and by the Python lines.

use super::random::{Log, body, line, log};
use super::vectors;
use super::verdict::{Case, both};
use bytes::Bytes;
use leviathan_core::log::EventBody;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Something that is done to an export. All but the last two are found without knowing the head.
#[derive(Debug, Clone)]
enum Tampering {
    /// The byte there is changed by these bits.
    Change(Index, u8),
    /// A line is dropped, but not the last.
    Drop(Index),
    /// Two lines change places.
    Swap(Index, Index),
    /// A line is inserted before another.
    Insert(Index, Inserted),
    /// The last lines are dropped.
    Cut(Index),
    /// Events are added behind the last, well chained.
    Lengthen(Vec<EventBody>),
}

/// What is inserted.
#[derive(Debug, Clone)]
enum Inserted {
    /// A copy of one of the log's own lines.
    Copy(Index),
    /// An event that is chained well behind the one before it.
    Chained(EventBody),
    /// Bytes that are no line of a log, and a line feed.
    Other(Vec<u8>),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let inserted = prop_oneof![
        any::<Index>().prop_map(Inserted::Copy),
        body().prop_map(Inserted::Chained),
        vec(any::<u8>(), 0..20).prop_map(Inserted::Other),
    ];
    prop_oneof![
        3 => (any::<Index>(), 1..=u8::MAX).prop_map(|(at, bits)| Tampering::Change(at, bits)),
        1 => any::<Index>().prop_map(Tampering::Drop),
        1 => any::<(Index, Index)>().prop_map(|(one, other)| Tampering::Swap(one, other)),
        2 => (any::<Index>(), inserted).prop_map(|(before, what)| Tampering::Insert(before, what)),
        1 => any::<Index>().prop_map(Tampering::Cut),
        1 => vec(body(), 1..4).prop_map(Tampering::Lengthen),
    ]
}

impl Tampering {
    /// Whether it can only be seen by somebody who knows the head.
    fn needs_the_head(&self) -> bool {
        matches!(self, Self::Cut(_) | Self::Lengthen(_))
    }

    /// Does it to the export of a log of two events or more.
    fn done_to(&self, log: &Log) -> Vec<u8> {
        let mut lines = log.lines.clone();
        let count = lines.len();
        match self {
            Self::Change(at, bits) => {
                let mut export = log.export(count);
                let at = at.index(export.len());
                export[at] ^= bits;
                return export;
            }
            Self::Drop(index) => drop(lines.remove(index.index(count - 1))),
            Self::Swap(one, other) => {
                let one = one.index(count);
                lines.swap(one, (one + 1 + other.index(count - 1)) % count);
            }
            Self::Insert(before, what) => {
                let before = before.index(count);
                lines.insert(before, what.line(log, before));
            }
            Self::Cut(keep) => lines.truncate(keep.index(count)),
            Self::Lengthen(bodies) => {
                let mut head = log.head(count);
                lines.extend(bodies.iter().map(|body| {
                    head = head.then(body.leaf());
                    line(&head, body)
                }));
            }
        }
        lines.concat()
    }
}

impl Inserted {
    fn line(&self, log: &Log, before: usize) -> Bytes {
        match self {
            Self::Copy(index) => index.get(&log.lines).clone(),
            Self::Chained(body) => line(&log.head(before).then(body.leaf()), body),
            Self::Other(bytes) => [bytes.as_slice(), b"\n"].concat().into(),
        }
    }
}

proptest! {
    // A case is a whole batch, since Python is started for each.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 64,
        failure_persistence: None,
        ..ProptestConfig::default() })]

    #[test]
    fn every_tampering_with_a_random_log_is_found_and_nothing_else_is(
        batch in vec((log(2..=8), tampering()), 100..200)
    ) {
        let mut good = Vec::new();
        let mut bad = Vec::new();
        for (log, tampering) in &batch {
            let head = log.head(log.lines.len());
            let export = tampering.done_to(log);
            let without_head = Case { export: export.clone(), head: None };
            if tampering.needs_the_head() { &mut good } else { &mut bad }.push(without_head);
            bad.push(Case { export, head: Some(head) });
            good.push(Case { export: log.export(log.lines.len()), head: Some(head) });
        }
        let good_found = both(&good).into_iter().position(|verdict| verdict.is_err());
        prop_assert!(good_found.is_none(), "refused: {:?}", good_found.map(|at| &good[at]));
        let bad_passed = both(&bad).into_iter().position(|verdict| verdict.is_ok());
        prop_assert!(bad_passed.is_none(), "passed: {:?}", bad_passed.map(|at| &bad[at]));
    }
}

#[test]
fn every_change_of_every_byte_of_a_small_export_is_found() {
    let log = Log::of(vectors::bodies());
    let export = log.export(3);
    let mut cases = Vec::new();
    for at in 0..export.len() {
        let bits = (0..8).map(|bit| export[at] ^ (1 << bit));
        let others = [b'\n', b'\r', b' ', b'0', b'}', b'"', 0x00, 0xff];
        for byte in bits.chain(others).filter(|byte| *byte != export[at]) {
            let mut changed = export.clone();
            changed[at] = byte;
            cases.push(Case { export: changed, head: None });
        }
    }
    assert!(cases.len() > 10_000, "only {} cases", cases.len());
    let passed: Vec<_> = both(&cases).into_iter().zip(cases).filter(|(verdict, _)| verdict.is_ok()).collect();
    assert!(passed.is_empty(), "{passed:?}");
}
