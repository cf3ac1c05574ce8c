//! `Lock`: one process at a time has a log open.

use super::OpenLogError;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;

/// The right to write a log, for as long as it lives. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock and writes down who has it.
    pub(super) fn take(directory: &Path) -> Result<Self, OpenLogError> {
        let path = directory.join("lock");
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(OpenLogError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // The holder may be about to write its name.
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder = holder.lines().next().unwrap_or("a process that has not said its name yet");
                return Err(OpenLogError::InUse {
                    directory: directory.to_owned(),
                    holder: holder.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(OpenLogError::io("lock", &path)(error)),
        }
        let host = gethostname::gethostname();
        let holder = format!("process {} on {}\n", std::process::id(), host.display());
        let mut write = || {
            file.set_len(0)?;
            file.write_all(holder.as_bytes())
        };
        write().map_err(OpenLogError::io("write", &path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough while a process that is being started still has a copy of it. If this fails, it
        // is given back a little later.
        let _ = self.file.unlock();
    }
}
