//! One verdict on an export, from core and from the Python lines.

use super::python;
use bytes::Bytes;
use leviathan_core::log::{Fault, FaultKind, Head, verify_lines};
use std::convert::Infallible;

/// An export to check, and the head that it should have, if that is known.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) export: Vec<u8>,
    pub(crate) head: Option<Head>,
}

/// What core says of an export.
pub(crate) fn core(case: &Case) -> Result<Head, Fault> {
    let lines = case.export.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.map(|line| Ok::<_, Infallible>(Bytes::copy_from_slice(line)));
    verify_lines(lines, case.head).unwrap()
}

/// What core says of each export, which must be what the Python lines say: the same head, or a fault at the same place.
#[track_caller]
pub(crate) fn both(cases: &[Case]) -> Vec<Result<Head, Fault>> {
    let verdicts: Vec<_> = cases.iter().map(core).collect();
    for ((case, verdict), python) in cases.iter().zip(&verdicts).zip(python::answers(cases)) {
        let agreed = match verdict {
            Ok(head) => python.said == format!("verified {} events, head {head}", head.position),
            Err(Fault { kind, .. }) if is_about_the_end(kind) => python.said.starts_with("the log ends at "),
            Err(fault) => python.said.starts_with(&format!("position {}: ", fault.position)),
        };
        assert!(
            agreed && python.accepted == verdict.is_ok(),
            "core says {verdict:?}, Python {python:?} of, with head {:?}:\n{}",
            case.head,
            case.export.escape_ascii()
        );
    }
    verdicts
}

fn is_about_the_end(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::TailCut { .. } | FaultKind::TailAdded { .. } | FaultKind::OtherLog { .. })
}
