//! The ledger: the one door to the log.
//!
//! It takes commands, decides them on the current graph, appends what they come to, and evolves the graph. Commands that
//! wait are turned into one append (group commit). Nothing is evolved before it is durable, and a caller is answered
//! only then.

mod batch;
mod error;
mod handle;
mod task;

pub use error::{LedgerError, SubmitError};
pub use handle::{Ledger, NewLog, Receipt};
pub use task::LedgerTask;

/// How many events one append holds at most, unless a single bundle has more.
const MAX_BATCH_EVENTS: usize = 4096;
/// How many bytes of bodies one append holds at most, unless a single bundle has more.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How many commands may wait. One more is refused as an overload.
const QUEUE: usize = 1024;
/// How many events are read at a time while catching up.
const PAGE: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN.saturating_add(4095);
