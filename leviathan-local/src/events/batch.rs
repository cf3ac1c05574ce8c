//! `Batch`: the bytes of one append, and the commit line that ends them.

use super::index::Mark;
use super::lines::{EVENT_PREFIX, MAX_LINE_BYTES};
use leviathan_core::log::{ExportLine, Head, SealedEvent};
use leviathan_core::store::{StoreError, StoreErrorKind};

/// What every commit line begins with.
pub(super) const COMMIT_PREFIX: &[u8] = b"{\"commit\":";

/// An append made ready for its segment.
#[derive(Debug)]
pub(super) struct Batch {
    /// Event lines and the commit line.
    pub(super) bytes: Vec<u8>,
    /// Where each event's line begins within `bytes`.
    pub(super) marks: Vec<Mark>,
    /// The log's head behind it.
    pub(super) head: Head,
}

/// What stands behind a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommitLine {
    /// How many events the batch has.
    pub(super) count: u64,
    /// How many bytes their lines have.
    pub(super) bytes: u64,
    /// CRC-32 of those bytes.
    pub(super) crc32: u32,
    /// The log's head behind the batch.
    pub(super) head: Head,
}

impl Batch {
    /// Writes the lines of `events`, which must be linked behind `head`: a log that holds anything else could not be
    /// opened again.
    pub(super) fn encode(head: &Head, events: &[SealedEvent]) -> Result<Self, StoreError> {
        let mut bytes = Vec::with_capacity(events.iter().map(|event| event.body.bytes().len() + 160).sum());
        let mut marks = Vec::with_capacity(events.len());
        let mut last = *head;
        for event in events {
            let position = event.head.position;
            let refused = |why: &str| {
                let what =
                    format!("the event for position {position} {why}; nothing of the append was written");
                Err(StoreError::new(StoreErrorKind::Corrupt, what))
            };
            last = last.then(event.body.leaf());
            if event.head != last {
                return refused("is not linked behind the one before it");
            }
            if event.body.bytes().contains(&b'\n') {
                return refused("holds a line break");
            }
            if event.body.bytes().len() > MAX_LINE_BYTES / 2 {
                return refused("is larger than any event may be");
            }
            marks.push(Mark { position, offset: bytes.len() as u64 });
            ExportLine::write(&event.head, &event.body, &mut bytes);
        }
        let commit = CommitLine {
            count: events.len() as u64,
            bytes: bytes.len() as u64,
            crc32: crc32fast::hash(&bytes),
            head: last,
        };
        commit.write(&mut bytes);
        Ok(Self { bytes, marks, head: last })
    }
}

impl CommitLine {
    /// Appends the line, with its line feed, to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { count, bytes, crc32, head } = self;
        out.extend_from_slice(COMMIT_PREFIX);
        let rest = format!(
            "{{\"count\":{count},\"bytes\":{bytes},\"crc32\":\"{crc32:08x}\",\"head\":\"{head}\"}}}}\n"
        );
        out.extend_from_slice(rest.as_bytes());
    }

    /// Reads a line, its line feed included; none for anything but the exact form.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line.strip_prefix(COMMIT_PREFIX)?).ok()?;
        let (count, text) = text.strip_prefix("{\"count\":")?.split_once(",\"bytes\":")?;
        let (bytes, text) = text.split_once(",\"crc32\":\"")?;
        let (crc32, text) = text.split_once("\",\"head\":\"")?;
        let head = text.strip_suffix("\"}}\n")?;
        let parsed = Self {
            count: count.parse().ok()?,
            bytes: bytes.parse().ok()?,
            crc32: u32::from_str_radix(crc32, 16).ok()?,
            head: head.parse().ok()?,
        };
        // Numbers have several spellings, and only one is ours.
        let mut exact = Vec::with_capacity(line.len());
        parsed.write(&mut exact);
        (exact == line).then_some(parsed)
    }
}

/// Whether a line claims to be an event's.
pub(super) fn is_event(line: &[u8]) -> bool {
    line.starts_with(EVENT_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::log::EventBody;

    #[test]
    fn a_commit_line_is_read_as_it_was_written_and_in_no_other_spelling() {
        let commit = CommitLine { count: 2, bytes: 812, crc32: 0x0a1b, head: Head::EMPTY };
        let mut line = Vec::new();
        commit.write(&mut line);
        assert_eq!(CommitLine::parse(&line), Some(commit));
        let text = String::from_utf8(line).unwrap();
        for other in [text.replace(":2,", ":02,"), text.replace("0a1b", "0A1B"), text.trim().to_owned()] {
            assert_eq!(CommitLine::parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn events_that_could_not_be_read_again_are_refused() {
        let sealed = |body: &'static str| SealedEvent::chain(Head::EMPTY, [EventBody::seal(body.into())]);
        let refused = |head: &Head, events: &[SealedEvent]| {
            Batch::encode(head, events).expect_err("it was taken").to_string()
        };
        assert!(refused(&Head::EMPTY, &sealed("{\n}")).contains("line break"));
        let elsewhere = Head::EMPTY.then(leviathan_core::log::Hash::ZERO);
        assert!(refused(&elsewhere, &sealed("{}")).contains("not linked"));
    }
}
