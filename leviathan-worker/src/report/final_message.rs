//! Writing the final message.

use leviathan_core::executor::FinalMessage;
use std::{fs, io, io::Write, path::Path};

/// Writes the message in one write that replaces what was there. The path may be a mount, so nothing is renamed.
///
/// # Errors
/// What the system says of opening, writing or syncing the file.
pub(crate) fn write_final_message(path: &Path, message: &FinalMessage) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(&message.to_bytes())?;
    match file.sync_data() {
        // Not every mount can.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
