//! `ExportLine`: the verifiable form of the log, one line for each event.

use super::{EventBody, Hash, Head, Position, RecordedEvent};
use bytes::Bytes;

/// One line of an export: exactly `{"position":N,"hash":"<64 hex>","body":<body>}` and a line feed.
///
/// The body is cut out without parsing it, so that a reader needs a hash function and a loop, and no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportLine {
    /// The position and the hash that the line states.
    pub head: Head,
    /// The body, verbatim.
    pub body: Bytes,
}

/// A line that is not of the export's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected exactly {{\"position\":N,\"hash\":\"<64 hex digits>\",\"body\":…}} and a line feed")]
pub struct BadLine;

const POSITION: &[u8] = b"{\"position\":";
const HASH: &[u8] = b",\"hash\":\"";
const BODY: &[u8] = b"\",\"body\":";
const END: &[u8] = b"}\n";

impl ExportLine {
    /// Appends the line of `event`, with its line feed, to `out`.
    pub fn write(head: &Head, body: &EventBody, out: &mut Vec<u8>) {
        out.extend_from_slice(POSITION);
        out.extend_from_slice(head.position.to_string().as_bytes());
        out.extend_from_slice(HASH);
        out.extend_from_slice(head.hash.to_string().as_bytes());
        out.extend_from_slice(BODY);
        out.extend_from_slice(body.bytes());
        out.extend_from_slice(END);
    }

    /// Reads one line, its line feed included.
    ///
    /// # Errors
    /// [`BadLine`] for anything but the exact form.
    pub fn parse(line: &Bytes) -> Result<Self, BadLine> {
        let rest = line.strip_prefix(POSITION).ok_or(BadLine)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(digits);
        if number.first() == Some(&b'0') {
            return Err(BadLine);
        }
        let number = std::str::from_utf8(number).ok().and_then(|text| text.parse().ok()).ok_or(BadLine)?;
        let rest = rest.strip_prefix(HASH).ok_or(BadLine)?;
        let (hash, rest) = rest.split_at_checked(64).ok_or(BadLine)?;
        let hash: Hash = std::str::from_utf8(hash).ok().and_then(|text| text.parse().ok()).ok_or(BadLine)?;
        let body = rest.strip_prefix(BODY).and_then(|rest| rest.strip_suffix(END)).ok_or(BadLine)?;
        Ok(Self { head: Head { position: Position::new(number), hash }, body: line.slice_ref(body) })
    }

    /// The recorded event of this line, its stated hash taken as it is.
    pub fn into_recorded(self) -> RecordedEvent {
        RecordedEvent { head: self.head, body: EventBody::seal(self.body) }
    }
}
