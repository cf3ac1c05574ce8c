//! Times: always UTC, read from RFC 3339 with or without an offset.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer};

/// A moment in UTC. Decisions take it as an argument; only a [`Clock`](crate::Clock) makes one.
pub type Timestamp = DateTime<Utc>;

/// Text that is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an RFC 3339 time such as 2026-01-24T10:00:05Z")]
pub struct BadTimestamp {
    text: String,
}

/// Reads an RFC 3339 time. Without an offset it is taken as UTC, as existing workers send it.
///
/// # Errors
/// [`BadTimestamp`] with the text that could not be read.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, BadTimestamp> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|naive| naive.and_utc())
        .ok_or_else(|| BadTimestamp { text: text.chars().take(64).collect() })
}

/// Writes a time as the log does: UTC with `Z`, with as many digits as it has (0, 3, 6 or 9).
pub fn format_timestamp(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `#[serde(with = "crate::time::lenient")]` for a time that may lack its offset.
pub(crate) mod lenient {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format_timestamp(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        parse_timestamp(&text).map_err(serde::de::Error::custom)
    }
}

/// The same for `Option<Timestamp>`.
pub(crate) mod lenient_option {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::lenient::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| parse_timestamp(&text).map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_an_offset_are_utc_and_every_form_comes_out_alike() {
        for text in [
            "2026-01-24T10:00:05Z",
            "2026-01-24T12:00:05+02:00",
            "2026-01-24T10:00:05",
            "2026-01-24 10:00:05",
        ] {
            assert_eq!(format_timestamp(parse_timestamp(text).unwrap()), "2026-01-24T10:00:05Z", "{text}");
        }
        assert_eq!(
            format_timestamp(parse_timestamp("2026-01-24T10:00:05.120").unwrap()),
            "2026-01-24T10:00:05.120Z"
        );
        assert!(parse_timestamp("yesterday").unwrap_err().to_string().contains("yesterday"));
    }
}
