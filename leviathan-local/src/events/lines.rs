//! Reading a segment line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// What every event line begins with.
pub(super) const EVENT_PREFIX: &[u8] = b"{\"position\":";
/// No line is longer: garbage without a line feed is read no further than this. Events are held to far less.
pub(super) const MAX_LINE_BYTES: usize = 32 * 1024 * 1024;

/// The lines of one segment from some place on.
#[derive(Debug)]
pub(super) struct Lines {
    file: BufReader<File>,
    offset: u64,
}

impl Lines {
    /// Opens a segment where a line begins.
    pub(super) fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file: BufReader::with_capacity(64 * 1024, file), offset })
    }

    /// Where the next line begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line with its line feed; without one at the torn end of a file, and empty at its very end.
    pub(super) fn next(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::with_capacity(512);
        (&mut self.file).take(MAX_LINE_BYTES as u64).read_until(b'\n', &mut line)?;
        self.offset += line.len() as u64;
        Ok(line)
    }
}
