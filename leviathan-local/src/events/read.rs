//! `Events`: reading events that are durable.

use super::Damage;
use super::batch::is_event;
use super::directory::segment_path;
use super::index::Mark;
use super::lines::{EVENT_PREFIX, Lines};
use bytes::Bytes;
use leviathan_core::log::{ExportLine, Position, RecordedEvent};
use leviathan_core::store::{StoreError, StoreErrorKind};
use std::io;
use std::path::PathBuf;

/// The lines of some events in order, each with its position, over as many segments as they take.
#[derive(Debug)]
pub(super) struct Events {
    directory: PathBuf,
    /// The segment that is read.
    segment: Position,
    /// None before the segment is opened.
    lines: Option<Lines>,
    /// What the next line that is read belongs to, and, before the segment is opened, where it begins.
    next: Mark,
    first: Position,
    last: Position,
}

impl Events {
    /// The events from `first` to `last`, found from a place in the index: a segment, and a mark at or before `first`.
    /// None without a place.
    pub(super) fn new(
        directory: PathBuf,
        place: Option<(Position, Mark)>,
        first: Position,
        last: Position,
    ) -> Self {
        let nowhere = (Position::START, Mark { position: last.next(), offset: 0 });
        let (segment, next) = place.unwrap_or(nowhere);
        Self { directory, segment, lines: None, next, first, last }
    }

    /// The same as recorded events.
    pub(super) fn recorded(mut self) -> impl Iterator<Item = Result<RecordedEvent, StoreError>> {
        std::iter::from_fn(move || {
            let (offset, line) = match self.next()? {
                Ok(found) => found,
                Err(error) => return Some(Err(error)),
            };
            let parsed = ExportLine::parse(&Bytes::from(line));
            Some(parsed.map(ExportLine::into_recorded).map_err(|bad| self.damaged(offset, &bad.to_string())))
        })
    }

    /// Reads until the next event's line, wherever it is.
    fn event(&mut self) -> Result<(u64, Vec<u8>), StoreError> {
        loop {
            let mut lines = match self.lines.take() {
                Some(lines) => lines,
                None => {
                    let path = segment_path(&self.directory, self.segment);
                    Lines::open(&path, self.next.offset).map_err(|error| self.unreadable(error))?
                }
            };
            let offset = lines.offset();
            let line = lines.next().map_err(|error| self.unreadable(error))?;
            if line.is_empty() {
                if self.segment == self.next.position {
                    return Err(self.damaged(offset, "the end of the file"));
                }
                // Segments are named by their first event.
                self.segment = self.next.position;
                self.next.offset = 0;
                continue;
            }
            self.lines = Some(lines);
            if is_event(&line) {
                return self
                    .is_due(&line)
                    .then_some((offset, line))
                    .ok_or_else(|| self.damaged(offset, "another event"));
            }
        }
    }

    fn is_due(&self, line: &[u8]) -> bool {
        let digits = &line[EVENT_PREFIX.len()..];
        let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        std::str::from_utf8(&digits[..end]).is_ok_and(|digits| digits.parse() == Ok(self.next.position.get()))
    }

    fn damaged(&self, offset: u64, what: &str) -> StoreError {
        let damage = Damage {
            segment: segment_path(&self.directory, self.segment),
            offset,
            position: self.next.position,
            what: what.to_owned(),
        };
        StoreError::new(StoreErrorKind::Corrupt, format_args!("the log is damaged: {damage}"))
            .with_source(damage)
    }

    fn unreadable(&self, error: io::Error) -> StoreError {
        let path = segment_path(&self.directory, self.segment);
        let kind = match error.kind() {
            io::ErrorKind::NotFound => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Unavailable,
        };
        StoreError::new(kind, format_args!("cannot read {}: {error}", path.display())).with_source(error)
    }
}

/// Where a line begins, and the line.
impl Iterator for Events {
    type Item = Result<(u64, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next.position <= self.last {
            let found = self.event();
            let position = self.next.position;
            // After an error nothing more is due.
            self.next.position = if found.is_ok() { position.next() } else { self.last.next() };
            if found.is_err() || position >= self.first {
                return Some(found);
            }
        }
        None
    }
}
