//! Verifying: does every event stand where it was put, unchanged?

use super::{ExportLine, Hash, Head, Position};
use bytes::Bytes;
use std::fmt;

/// Follows a chain link by link.
#[derive(Debug, Clone)]
pub struct Verifier {
    head: Head,
}

/// The first place where a log is not what its chain says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {kind}")]
pub struct Fault {
    /// The first bad position.
    pub position: Position,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What is wrong at a position.
///
/// That something is wrong is certain; which of these it was is read off the lines around it, since a forger may do
/// several things at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The event, its hash or its line is not what was recorded.
    Changed,
    /// Events are left out; the next one that is there stands at this position.
    Missing {
        /// The position of the line found instead, or of the head that was expected.
        next: Position,
    },
    /// The event is in the log, but behind one that followed it.
    Reordered,
    /// A line stands here that the chain does not know.
    Inserted,
    /// The log ends before the head that it should have.
    TailCut {
        /// The head that was expected.
        expected: Head,
    },
    /// The log goes on behind the head that it should have.
    TailAdded {
        /// The head that was expected.
        expected: Head,
    },
    /// The log is consistent in itself, but it is not the one whose head was expected.
    OtherLog {
        /// The head that was expected.
        expected: Head,
    },
}

/// What a log must be besides consistent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// It must end exactly here.
    pub end: Option<Head>,
    /// It must have these heads on its way: each says that the log stood there once, and a log only grows.
    pub passes: Vec<Head>,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => write!(f, "changed: the line that stands here is not the one that was recorded"),
            Self::Missing { next } => write!(f, "missing: the next event there is stands at {next}"),
            Self::Reordered => write!(f, "reordered: this event comes after one that followed it"),
            Self::Inserted => write!(f, "inserted: a line stands here that the chain does not know"),
            Self::TailCut { expected } => write!(f, "tail cut: the log should go on to {expected}"),
            Self::TailAdded { expected } => write!(f, "tail added: the log should end at {expected}"),
            Self::OtherLog { expected } => {
                write!(f, "another log: the hash here should be {}", expected.hash)
            }
        }
    }
}

impl Verifier {
    /// Starts behind `head`: [`Head::EMPTY`] for a whole log.
    pub fn new(head: Head) -> Self {
        Self { head }
    }

    /// The last verified head.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Goes one event further, or says no and stays where it is. `leaf` is that of the bytes at hand, never a stored one.
    pub fn accept(&mut self, stated: Head, leaf: Hash) -> bool {
        let fits = self.head.then(leaf) == stated;
        if fits {
            self.head = stated;
        }
        fits
    }
}

/// Verifies an export, each item one line with its line feed. With `expected`, the log must also end exactly there.
///
/// Returns the head of the verified log, or the first fault. After a fault the rest of the lines may be read to tell
/// which kind it is; memory stays that of two lines.
///
/// # Errors
/// Whatever error `lines` gives, as it is.
///
/// ```
/// use leviathan_core::log::{Fault, Head, verify_lines};
/// let lines: [Result<bytes::Bytes, std::io::Error>; 0] = [];
/// assert_eq!(verify_lines(lines, None)?, Ok(Head::EMPTY));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn verify_lines<E>(
    lines: impl IntoIterator<Item = Result<Bytes, E>>,
    expected: Option<Head>,
) -> Result<Result<Head, Fault>, E> {
    verify_lines_with(lines, &Expected { end: expected, passes: Vec::new() })
}

/// The same, with all that may be expected of a log.
///
/// Of a head that the log does not pass it is said whether the log ends before it ([`FaultKind::TailCut`]) or has another
/// hash there ([`FaultKind::OtherLog`]): then it was written anew.
///
/// # Errors
/// Whatever error `lines` gives, as it is.
pub fn verify_lines_with<E>(
    lines: impl IntoIterator<Item = Result<Bytes, E>>,
    expected: &Expected,
) -> Result<Result<Head, Fault>, E> {
    let Expected { end: expected, passes } = expected;
    let expected = *expected;
    let passes = passes.iter().filter(|head| **head != Head::EMPTY);
    let mut verifier = Verifier::new(Head::EMPTY);
    let mut lines = lines.into_iter();
    let mut passed_expected = expected.is_none_or(|expected| expected == Head::EMPTY);
    while let Some(line) = lines.next() {
        let line = ExportLine::parse(&line?).ok();
        if line.as_ref().is_some_and(|line| verifier.accept(line.head, Hash::leaf(&line.body))) {
            let head = verifier.head();
            passed_expected |= Some(head) == expected;
            if let Some(other) =
                passes.clone().find(|other| other.position == head.position && **other != head)
            {
                let kind = FaultKind::OtherLog { expected: *other };
                return Ok(Err(Fault { position: head.position, kind }));
            }
            continue;
        }
        let kind = classify(&verifier, line, lines)?;
        return Ok(Err(Fault { position: verifier.head().position.next(), kind }));
    }
    let end = verifier.head();
    // Heads at positions that were there were looked at when they were.
    if let Some(cut) =
        passes.clone().filter(|head| head.position > end.position).min_by_key(|head| head.position)
    {
        let kind = FaultKind::TailCut { expected: *cut };
        return Ok(Err(Fault { position: end.position.next(), kind }));
    }
    let Some(expected) = expected.filter(|expected| *expected != end) else { return Ok(Ok(end)) };
    let (position, kind) = if end.position < expected.position {
        (end.position.next(), FaultKind::TailCut { expected })
    } else if passed_expected {
        (expected.position.next(), FaultKind::TailAdded { expected })
    } else {
        (expected.position, FaultKind::OtherLog { expected })
    };
    Ok(Err(Fault { position, kind }))
}

/// Says what the line that does not fit is, from what follows it.
fn classify<E>(
    verifier: &Verifier,
    bad: Option<ExportLine>,
    rest: impl Iterator<Item = Result<Bytes, E>>,
) -> Result<FaultKind, E> {
    let due = verifier.head().position.next();
    let Some(bad) = bad else { return Ok(FaultKind::Changed) };
    let mut rest = rest.map(|line| line.map(|line| ExportLine::parse(&line).ok()));
    let fits = |line: Option<ExportLine>| {
        line.is_some_and(|line| verifier.clone().accept(line.head, Hash::leaf(&line.body)))
    };
    if bad.head.position > due {
        for line in rest {
            if fits(line?) {
                return Ok(FaultKind::Reordered);
            }
        }
        return Ok(FaultKind::Missing { next: bad.head.position });
    }
    if bad.head.position < due || fits(rest.next().transpose()?.flatten()) {
        return Ok(FaultKind::Inserted);
    }
    Ok(FaultKind::Changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{EventBody, SealedEvent};

    fn lines(bodies: usize) -> Vec<Bytes> {
        let bodies = (0..bodies).map(|n| EventBody::seal(format!("{{\"event_id\":\"{n}\"}}").into()));
        let sealed = SealedEvent::chain(Head::EMPTY, bodies);
        let line = |event: &SealedEvent| {
            let mut out = Vec::new();
            ExportLine::write(&event.head, &event.body, &mut out);
            Bytes::from(out)
        };
        sealed.iter().map(line).collect()
    }

    fn verify(lines: &[Bytes], expected: Option<Head>) -> Result<Head, Fault> {
        verify_lines(lines.iter().cloned().map(Ok::<_, std::convert::Infallible>), expected).unwrap()
    }

    #[track_caller]
    fn check(lines: &[Bytes], position: u64, kind: FaultKind) {
        assert_eq!(verify(lines, None), Err(Fault { position: Position::new(position), kind }));
    }

    #[test]
    fn an_untouched_log_verifies_to_its_head() {
        let lines = lines(5);
        let head = verify(&lines, None).unwrap();
        assert_eq!(head.position, Position::new(5));
        assert_eq!(verify(&lines, Some(head)), Ok(head));
    }

    #[test]
    fn each_kind_of_tampering_is_named_at_its_first_position() {
        let good = lines(5);
        let mut changed = good.clone();
        changed[2] = Bytes::from(String::from_utf8(good[2].to_vec()).unwrap().replace("\"2\"", "\"9\""));
        check(&changed, 3, FaultKind::Changed);

        let mut missing = good.clone();
        missing.remove(1);
        check(&missing, 2, FaultKind::Missing { next: Position::new(3) });

        let mut swapped = good.clone();
        swapped.swap(1, 3);
        check(&swapped, 2, FaultKind::Reordered);

        let mut inserted = good.clone();
        let forged = String::from_utf8(good[2].to_vec()).unwrap().replace("\"2\"", "\"x\"");
        inserted.insert(2, Bytes::from(forged));
        check(&inserted, 3, FaultKind::Inserted);

        let mut repeated = good.clone();
        repeated.insert(3, good[1].clone());
        check(&repeated, 4, FaultKind::Inserted);

        let mut unreadable = good.clone();
        unreadable[4] = Bytes::from_static(b"{}\n");
        check(&unreadable, 5, FaultKind::Changed);
    }

    #[test]
    fn a_log_that_grew_passes_its_earlier_heads_and_a_cut_or_rewritten_one_does_not() {
        let long = lines(5);
        let passed = [2, 4].map(|count| verify(&long[..count], None).unwrap());
        let with = |lines: &[Bytes], passes: &[Head]| {
            let expected = Expected { end: None, passes: passes.to_vec() };
            verify_lines_with(lines.iter().cloned().map(Ok::<_, std::convert::Infallible>), &expected)
                .unwrap()
        };
        assert_eq!(with(&long, &passed).unwrap().position, Position::new(5));
        assert_eq!(with(&long, &[Head::EMPTY]).unwrap().position, Position::new(5));
        assert_eq!(
            with(&long[..3], &passed),
            Err(Fault { position: Position::new(4), kind: FaultKind::TailCut { expected: passed[1] } })
        );
        let other = Head { hash: Hash::ZERO, ..passed[0] };
        assert_eq!(
            with(&long, &[other, passed[1]]),
            Err(Fault { position: Position::new(2), kind: FaultKind::OtherLog { expected: other } })
        );
    }

    #[test]
    fn with_the_head_a_cut_or_lengthened_tail_is_found_too() {
        let long = lines(5);
        let head = verify(&long[..4], None).unwrap();
        assert_eq!(
            verify(&long[..3], Some(head)),
            Err(Fault { position: Position::new(4), kind: FaultKind::TailCut { expected: head } })
        );
        assert_eq!(
            verify(&long, Some(head)),
            Err(Fault { position: Position::new(5), kind: FaultKind::TailAdded { expected: head } })
        );
        let other = Head { hash: Hash::ZERO, ..head };
        assert_eq!(
            verify(&long, Some(other)),
            Err(Fault { position: Position::new(4), kind: FaultKind::OtherLog { expected: other } })
        );
    }
}
