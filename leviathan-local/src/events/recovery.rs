//! `Recovery`: what opening a log found and did.

use leviathan_core::log::Head;
use std::fmt;
use std::path::PathBuf;

/// What opening a log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The verified head of the log.
    pub head: Head,
    /// What was cut off, if the last append was torn by a crash.
    pub torn: Option<TornTail>,
}

/// The beginning of an append that was never acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The segment's file, which is shorter now.
    pub segment: PathBuf,
    /// Where it was cut, in bytes from its beginning.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// What showed that they were torn.
    pub what: String,
}

impl fmt::Display for TornTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, offset, bytes, what } = self;
        write!(
            f,
            "cut {bytes} bytes of an unfinished append off {} at byte {offset}: {what}",
            segment.display()
        )
    }
}
