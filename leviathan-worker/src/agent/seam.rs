//! `Agent`: the seam itself.

use super::{AgentError, AgentTurn};
use async_trait::async_trait;
use std::fmt;

/// Writes code in a checkout.
///
/// # Contract
/// - What it leaves in [`AgentTurn::checkout`] when a turn ends is its work; nothing else that it says or does counts.
/// - A turn ends within [`AgentTurn::time_left`].
/// - The future may be dropped at any await; everything that it started must end with it.
#[async_trait]
pub trait Agent: fmt::Debug + Send + Sync + 'static {
    /// Works one turn: the first try at the task, or the repair of what the checks said of the turn before.
    ///
    /// # Errors
    /// [`AgentError`] ends the attempt; there is no further turn.
    async fn work(&self, turn: &AgentTurn<'_>) -> Result<AgentOutcome, AgentError>;
}

/// What an agent leaves behind beside its work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentOutcome {
    /// What it said, kept as an artifact.
    pub output: Vec<u8>,
}
