//! `Violation`: what was seen that must never be.

use std::fmt;

/// What must hold, each in the file of its name in `invariants`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invariant {
    AcknowledgedOnce,
    EverythingEnds,
    IntentFirst,
    LaunchedOnce,
    LedgerGoesOn,
    OneLeader,
    OneOutcome,
    ReplayEqualsLive,
    SameDigest,
    StartsAllowed,
    WithinLimits,
}

#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}

impl Invariant {
    pub(crate) fn violated(self, what: impl fmt::Display) -> Result<(), Violation> {
        Err(Violation { invariant: self, what: what.to_string() })
    }
}
