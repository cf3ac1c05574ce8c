//! `AgentError`: why an agent's turn failed.

use crate::Failure;

/// A turn that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct AgentError {
    /// Why: usually `agent_error`, `agent_limit` or `config_error`.
    pub failure: Failure,
    /// What it said until then, kept as an artifact.
    pub output: Vec<u8>,
}

impl From<Failure> for AgentError {
    /// A failure before the agent said anything.
    fn from(failure: Failure) -> Self {
        Self { failure, output: Vec::new() }
    }
}
