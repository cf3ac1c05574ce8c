//! `Checkpoint`: where a log stood at a time, as somebody who can vouch for it signs it.

use super::{Hash, Head, Position};
use crate::Timestamp;
use crate::id::LogId;
use crate::time::{format_timestamp, parse_timestamp};
use serde::Deserialize;
use std::fmt;

/// Where a log stood at a time. A chain alone cannot show that its end was cut off or that it was written anew; whoever has
/// a signed checkpoint can.
///
/// Its text form is what is signed: exactly `{"log_id":"…","position":N,"hash":"…","time":"…"}`.
///
/// ```
/// use leviathan_core::log::{Checkpoint, Head};
/// use leviathan_core::{id::LogId, parse_timestamp};
/// let time = parse_timestamp("2026-01-24T10:00:00Z")?;
/// let checkpoint = Checkpoint { log_id: LogId::from_u128(7), head: Head::EMPTY, time };
/// assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
/// # Ok::<(), leviathan_core::BadTimestamp>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub log_id: LogId,
    /// Its head.
    pub head: Head,
    /// When that was its head, by the clock of whoever says so.
    pub time: Timestamp,
}

/// Text that is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected exactly {{\"log_id\":\"…\",\"position\":N,\"hash\":\"…\",\"time\":\"…\"}}, without white space"
)]
pub struct BadCheckpoint;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { log_id, head: Head { position, hash }, time } = self;
        let time = format_timestamp(*time);
        write!(f, r#"{{"log_id":"{log_id}","position":{position},"hash":"{hash}","time":"{time}"}}"#)
    }
}

impl std::str::FromStr for Checkpoint {
    type Err = BadCheckpoint;

    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            log_id: &'a str,
            position: Position,
            hash: Hash,
            time: &'a str,
        }
        let fields: Fields<'_> = serde_json::from_str(text).map_err(|_| BadCheckpoint)?;
        let checkpoint = Self {
            log_id: fields.log_id.parse().map_err(|_| BadCheckpoint)?,
            head: Head { position: fields.position, hash: fields.hash },
            time: parse_timestamp(fields.time).map_err(|_| BadCheckpoint)?,
        };
        // One meaning has one text, since it is the text that is signed.
        (checkpoint.to_string() == text).then_some(checkpoint).ok_or(BadCheckpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_exact_text_is_a_checkpoint() {
        let hash = "00".repeat(32);
        let good = format!(
            r#"{{"log_id":"0190f3c4-7a5e-7c21-9d3b-5a1e6f2b8c47","position":3,"hash":"{hash}","time":"2026-01-24T10:00:07.250Z"}}"#
        );
        assert_eq!(good.parse::<Checkpoint>().unwrap().to_string(), good);
        for bad in [
            good.replace(",\"position\"", ", \"position\""),
            good.replace(".250Z", ".25Z"),
            good.replace(":3,", ":3.0,"),
            good.replace("0190f3c4", "0190F3C4"),
            good.replace("}", ",\"more\":1}"),
            format!("{good}\n"),
            String::new(),
        ] {
            assert_eq!(bad.parse::<Checkpoint>(), Err(BadCheckpoint), "{bad}");
        }
    }
}
