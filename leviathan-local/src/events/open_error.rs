//! `OpenLogError`: why a log could not be opened.

use super::Damage;
use std::path::{Path, PathBuf};

/// Why [`FileEventStore::open`](super::FileEventStore::open) did not open a log. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenLogError {
    /// Somebody has it open: stop that process, or use another directory.
    #[error("the log in {} is already open, held by {holder}: stop that process, or use another directory", directory.display())]
    InUse {
        /// The log's directory.
        directory: PathBuf,
        /// The process id and host that the holder wrote down.
        holder: String,
    },
    /// What was acknowledged is not there any more: restore the segment from a backup or an export.
    #[error("the log is damaged and was left as it is; restore it from a backup or an export: {0}")]
    Damaged(Damage),
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, for instance `read`.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl OpenLogError {
    /// For `map_err`: the file system refused to do `action` with `path`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
