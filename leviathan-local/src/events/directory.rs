//! The log's directory: the names of its segments, and making its entries durable.

use super::OpenLogError;
use leviathan_core::log::Position;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file of the segment whose first event stands at `first`.
pub(super) fn segment_path(directory: &Path, first: Position) -> PathBuf {
    directory.join(format!("{:020}.ndjson", first.get()))
}

/// The first positions of all segments, in order. Files with other names are none of ours.
pub(super) fn segments(directory: &Path) -> Result<Vec<Position>, OpenLogError> {
    let list = || {
        let mut found = Vec::new();
        for entry in fs::read_dir(directory)? {
            let name = entry?.file_name();
            let digits = name.to_str().and_then(|name| name.strip_suffix(".ndjson"));
            let number = digits.filter(|digits| digits.len() == 20).and_then(|digits| digits.parse().ok());
            found.extend(number.map(Position::new));
        }
        found.sort();
        Ok(found)
    };
    list().map_err(OpenLogError::io("list", directory))
}

/// Makes the directory's entries durable.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Creates the directory and those above it, durably.
pub(super) fn create(directory: &Path) -> Result<(), OpenLogError> {
    let missing: Vec<_> = directory.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(directory).map_err(OpenLogError::io("create", directory))?;
    for created in missing {
        let parent = created.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        sync(parent).map_err(OpenLogError::io("sync", parent))?;
    }
    Ok(())
}
