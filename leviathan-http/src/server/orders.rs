//! What operators order. Each order is a command to the ledger, and is answered once it is in the log.

pub(super) mod attempts;
pub(super) mod body;
mod carry_out;
pub(super) mod limits;
mod reason;
pub(super) mod targets;
pub(super) mod tasks;
