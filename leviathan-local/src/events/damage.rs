//! `Damage`: where a log is not what was written.

use leviathan_core::log::Position;
use std::path::PathBuf;

/// A place where a segment holds something else than what was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {}, byte {offset}, position {position}: {what}", segment.display())]
pub struct Damage {
    /// The segment's file.
    pub segment: PathBuf,
    /// Where in it the first bad line begins, in bytes.
    pub offset: u64,
    /// The position that was due there.
    pub position: Position,
    /// What was found.
    pub what: String,
}
