//! The embedded event store: a log kept as NDJSON segments in a directory.
//!
//! # The directory
//! - `00000000000000000001.ndjson`, …: segments, each named by the position of its first event. Event lines are exactly
//!   the lines of an export, [`ExportLine`](leviathan_core::log::ExportLine), so anybody can read, grep and verify them.
//!   Behind each batch stands a commit line, which is no part of an export:
//!   `{"commit":{"count":2,"bytes":812,"crc32":"0a1b2c3d","head":"12:…"}}`: how many events and bytes the batch has, the
//!   CRC-32 of those bytes, and the log's head behind it.
//! - `lock`: held while the log is open, with the holder's process id and host.
//!
//! # Opening
//! The whole chain is verified. What stands behind the last valid commit line was never acknowledged: it is cut off, and
//! [`Recovery`] says so. Damage before a valid commit line is damage to what was acknowledged: opening refuses, names
//! the place, and changes nothing.

mod batch;
mod damage;
mod directory;
mod index;
mod lines;
mod lock;
mod open_error;
mod read;
mod recover;
mod recovery;
mod scan;
mod store;
mod writer;

pub use damage::Damage;
pub use open_error::OpenLogError;
pub use recovery::{Recovery, TornTail};
pub use store::{DEFAULT_SEGMENT_BYTES, FileEventStore};
