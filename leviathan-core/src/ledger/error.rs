//! Why a ledger did not open, or a command was not recorded.

use crate::decide::Rejection;
use crate::log::Position;
use crate::store::StoreError;

/// Why a ledger could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store did not give the log.
    #[error("the log could not be read: {0}")]
    Store(#[from] StoreError),
    /// The log is not what its chain says. Nothing is built on it: an operator must look.
    #[error(
        "the log is damaged at position {position}: the event there does not have the hash that the chain gives it"
    )]
    Damaged {
        /// The first bad position.
        position: Position,
    },
}

/// Why a command was not recorded.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The command makes no sense in the state that things are in. Sending it again changes nothing.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too many commands wait: try again in a moment.
    #[error("the control plane is overloaded: {waiting} commands wait; try again in a moment")]
    Overloaded {
        /// How many wait.
        waiting: usize,
    },
    /// The store did not take it, and nothing was recorded: try again later.
    #[error("the log's store did not take it, nothing was recorded: {0}")]
    Unavailable(String),
    /// The ledger stopped, and whether the command was recorded is known only once the log is opened again.
    #[error("the ledger has stopped: {0}")]
    Stopped(String),
}
