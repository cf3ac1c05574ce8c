//! `Caller`: who asks.

use super::Role;
use leviathan_core::id::AttemptId;

/// Who asks, by the token that the request bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An operator, or a program that steers for one.
    Operator,
    /// Some worker.
    Worker,
    /// The worker of this attempt.
    Attempt(AttemptId),
}

impl Caller {
    /// What it is called where it is told who asked.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Worker => "worker",
            Self::Attempt(_) => "attempt",
        }
    }

    /// What the caller may do, apart from what it may speak of.
    pub fn role(&self) -> Role {
        match self {
            Self::Operator => Role::Operator,
            Self::Worker | Self::Attempt(_) => Role::Worker,
        }
    }
}
