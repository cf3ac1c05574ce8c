//! `Failure`: why an attempt failed.

use leviathan_core::executor::Cause;

/// Why an attempt failed: a cause that the control plane counts by, and a sentence for people that holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}: {summary}")]
pub struct Failure {
    /// What the control plane goes by.
    pub cause: Cause,
    /// What happened to which thing, and what to look at.
    pub summary: String,
}

impl Failure {
    /// A failure with its cause and a sentence of what went wrong.
    pub fn new(cause: Cause, summary: impl Into<String>) -> Self {
        Self { cause, summary: summary.into() }
    }
}
