//! `LogPlace`: where a log is kept.

use leviathan_core::Secret;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Where a log is kept.
#[derive(Debug)]
#[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "nothing opens a database then"))]
pub(crate) enum LogPlace {
    /// In a directory, which one process holds.
    Directory(PathBuf),
    /// In a Postgres database, which any number of processes share.
    Database {
        /// Where it is. It may hold a password.
        url: Secret,
        /// Which of the logs there.
        log: String,
        /// By how many events it must have grown before the next snapshot of its graph is kept.
        snapshot_every: NonZeroU64,
    },
}
