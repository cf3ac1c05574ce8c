//! Scanning a segment: verifying each batch, and finding what is valid behind damage.

use super::batch::{COMMIT_PREFIX, CommitLine, is_event};
use super::index::{Mark, Segment};
use super::lines::Lines;
use bytes::Bytes;
use leviathan_core::log::{ExportLine, Hash, Head, Position, Verifier};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What a segment holds.
#[derive(Debug)]
pub(super) struct Scanned {
    /// All that is valid.
    pub(super) segment: Segment,
    /// The log's head behind it.
    pub(super) head: Head,
    /// Where the last valid batch and its commit line stand, in bytes.
    pub(super) last_batch: Range<u64>,
    /// The first place that is not valid.
    pub(super) bad: Option<Bad>,
}

/// The first place of a segment that is not valid.
#[derive(Debug)]
pub(super) struct Bad {
    /// Where the line begins.
    pub(super) offset: u64,
    /// The position that was due.
    pub(super) position: Position,
    /// What was found.
    pub(super) what: &'static str,
}

/// A batch while its commit line is still to come.
struct Open {
    start: u64,
    verifier: Verifier,
    crc32: crc32fast::Hasher,
    marks: Vec<Mark>,
}

impl Open {
    fn behind(head: Head, start: u64) -> Self {
        Self { start, verifier: Verifier::new(head), crc32: crc32fast::Hasher::new(), marks: Vec::new() }
    }

    /// Takes one event's line, or says what is wrong with it.
    fn event(&mut self, offset: u64, line: Vec<u8>) -> Result<(), &'static str> {
        self.crc32.update(&line);
        let line = ExportLine::parse(&Bytes::from(line)).map_err(|_| "a line that is no event's")?;
        if !self.verifier.accept(line.head, Hash::leaf(&line.body)) {
            return Err("an event that does not have the hash the chain gives it");
        }
        self.marks.push(Mark { position: line.head.position, offset });
        Ok(())
    }

    /// Whether the commit line at `offset` is this batch's.
    fn is_committed_by(&self, commit: &CommitLine, offset: u64) -> bool {
        let found = CommitLine {
            count: self.marks.len() as u64,
            bytes: offset - self.start,
            crc32: self.crc32.clone().finalize(),
            head: self.verifier.head(),
        };
        found.count > 0 && found == *commit
    }
}

/// Verifies the segment whose first event follows `head`, up to its end or the first place that is not valid.
pub(super) fn scan(path: &Path, head: Head) -> io::Result<Scanned> {
    let mut lines = Lines::open(path, 0)?;
    let mut open = Open::behind(head, 0);
    let mut found =
        Scanned { segment: Segment::empty(head.position.next()), head, last_batch: 0..0, bad: None };
    loop {
        let offset = lines.offset();
        let line = lines.next()?;
        let outcome = if line.is_empty() {
            if offset == open.start {
                return Ok(found);
            }
            Err("the end of the file, and no commit line before it")
        } else if is_event(&line) {
            open.event(offset, line)
        } else if CommitLine::parse(&line).is_some_and(|commit| open.is_committed_by(&commit, offset)) {
            found.head = open.verifier.head();
            found.last_batch = open.start..lines.offset();
            found.segment.extend(open.marks, lines.offset());
            open = Open::behind(found.head, lines.offset());
            Ok(())
        } else {
            Err("neither an event's line nor the commit line of the events before it")
        };
        if let Err(what) = outcome {
            found.bad = Some(Bad { offset, position: open.verifier.head().position.next(), what });
            return Ok(found);
        }
    }
}

/// Whether a batch was committed anywhere behind `from`, by its commit line. What is damaged there was acknowledged then,
/// since batches become durable one after the other.
pub(super) fn is_committed_behind(file: &File, from: u64) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut chunk = vec![0; 1024 * 1024];
    let mut start = from;
    while start < length {
        let read = read_up_to(file, &mut chunk, start)?;
        let bytes = &chunk[..read];
        for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == COMMIT_PREFIX[0]) {
            // Not only where a line begins: the line feed before it may be what was damaged.
            let rest = &bytes[at..];
            let may_be = rest.starts_with(COMMIT_PREFIX) || COMMIT_PREFIX.starts_with(rest);
            if may_be && is_commit_at(file, from, start + at as u64)? {
                return Ok(true);
            }
        }
        start += read as u64;
    }
    Ok(false)
}

/// Whether a commit line stands at `offset` whose batch lies between `from` and it.
///
/// Its bytes need not be what they were. A crash may leave the end of a write on the disk and not its beginning, but then
/// what is missing reads as zeros, which no line holds: other bytes were there once, and were changed.
fn is_commit_at(file: &File, from: u64, offset: u64) -> io::Result<bool> {
    // A commit line with the largest of numbers is shorter.
    let mut line = [0; 256];
    let read = read_up_to(file, &mut line, offset)?;
    let Some(feed) = line[..read].iter().position(|byte| *byte == b'\n') else { return Ok(false) };
    let Some(commit) = CommitLine::parse(&line[..=feed]) else { return Ok(false) };
    let Some(mut at) = offset.checked_sub(commit.bytes).filter(|start| *start >= from) else {
        return Ok(false);
    };
    let (mut crc32, mut zeros) = (crc32fast::Hasher::new(), false);
    let mut chunk = vec![0; 64 * 1024];
    while at < offset {
        let most = chunk.len().min(usize::try_from(offset - at).unwrap_or(usize::MAX));
        let read = read_up_to(file, &mut chunk[..most], at)?;
        crc32.update(&chunk[..read]);
        zeros |= chunk[..read].contains(&0);
        at += read.max(1) as u64;
    }
    Ok(crc32.finalize() == commit.crc32 || !zeros)
}

/// Fills the buffer, but for the end of the file.
fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
