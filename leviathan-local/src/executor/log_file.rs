//! `LogFile`: a worker's output on disk, its middle left out where it is too long.

use super::durable_file::about;
use leviathan_core::output::{OutputCap, gap_note};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How many bytes of a worker's output are kept (8 MiB).
pub(crate) const LOG_LIMIT: usize = 8 * 1024 * 1024;

/// Takes output as it comes. The head goes to disk at once, so that it can be read while the worker runs; the tail at the
/// end.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: File,
    cap: OutputCap,
    last: Option<u8>,
    error: Option<io::Error>,
}

/// What is missing of a log.
#[derive(Debug, Default)]
pub(crate) struct LogGaps {
    /// Bytes that were left out.
    pub(crate) dropped: u64,
    /// Why it could not be written whole.
    pub(crate) error: Option<String>,
}

impl LogFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|error| about(path, error))?;
        Ok(Self { file, cap: OutputCap::new(LOG_LIMIT), last: None, error: None })
    }

    pub(crate) fn take(&mut self, chunk: &[u8]) {
        let head = self.cap.take(chunk);
        self.last = head.last().copied().or(self.last);
        // A full disk must not stop the worker; it is said in the end.
        if let (None, Err(error)) = (&self.error, self.file.write_all(head)) {
            self.error = Some(error);
        }
    }

    pub(crate) fn finish(mut self) -> LogGaps {
        let (tail, dropped) = self.cap.finish();
        let mut write = || {
            self.file.write_all(&gap_note(self.last, dropped))?;
            self.file.write_all(&tail)?;
            self.file.sync_all()
        };
        let error = self.error.take().or(write().err());
        LogGaps { dropped, error: error.map(|error| error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_keeps_its_ends_and_says_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("output.log");
        let mut log = LogFile::create(&path).unwrap();
        log.take(b"first\n");
        assert_eq!(std::fs::read(&path).unwrap(), b"first\n", "it can be followed");
        log.take(&vec![b'.'; LOG_LIMIT]);
        log.take(b"\nlast\n");
        let gaps = log.finish();
        assert_eq!((gaps.dropped, gaps.error), (12, None));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"));
        assert!(text.contains("\n[… 12 bytes left out …]\n"));
    }

    #[test]
    fn a_full_disk_is_said() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut log = LogFile { file: full, cap: OutputCap::new(LOG_LIMIT), last: None, error: None };
        log.take(b"text");
        assert!(log.finish().error.unwrap().contains("No space left"));
    }
}
