//! Times: always UTC, read from RFC 3339 with or without an offset.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer};

/// A moment in UTC. Decisions take it as an argument; only a [`Clock`](crate::Clock) makes one.
pub type Timestamp = DateTime<Utc>;

/// No wait is longer, whatever limits and policies say: a year in seconds, so that every due time stays within the
/// calendar.
pub(crate) const LONGEST_WAIT_SECONDS: u64 = 365 * 24 * 3600;

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
    if let Some(time) = parse_as_written(text) {
        return Ok(time);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|naive| naive.and_utc())
        .ok_or_else(|| BadTimestamp { text: text.chars().take(64).collect() })
}

/// Reads what [`format_timestamp`] writes, several times as fast as all forms are read.
fn parse_as_written(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.strip_suffix('Z')?.split_at_checked("2026-01-24T10:00:05".len())?;
    let whole = whole.as_bytes();
    let number = |digits: &[u8]| {
        let digit =
            |so_far: u32, byte: &u8| byte.is_ascii_digit().then(|| so_far * 10 + u32::from(byte - b'0'));
        digits.iter().try_fold(0, digit)
    };
    let marks = [whole[4], whole[7], whole[10], whole[13], whole[16]];
    let nanos = match fraction.strip_prefix('.').unwrap_or_default() {
        "" if fraction.is_empty() => 0,
        digits if (1..=9).contains(&digits.len()) => {
            number(digits.as_bytes())? * 10_u32.pow(9 - digits.len() as u32)
        }
        _ => return None,
    };
    if marks != *b"--T::" {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        number(&whole[..4])?.try_into().ok()?,
        number(&whole[5..7])?,
        number(&whole[8..10])?,
    )?;
    let (hour, minute, second) = (number(&whole[11..13])?, number(&whole[14..16])?, number(&whole[17..19])?);
    Some(date.and_hms_nano_opt(hour, minute, second, nanos)?.and_utc())
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
        crate::text::read(from, parse_timestamp)
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
        struct Lenient(Timestamp);
        impl<'de> Deserialize<'de> for Lenient {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                super::lenient::deserialize(from).map(Self)
            }
        }
        Ok(Option::<Lenient>::deserialize(from)?.map(|Lenient(time)| time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same_the_short_way_and_the_long_way() {
        for text in [
            "2026-01-24T10:00:05Z",
            "0001-02-28T23:59:59.120Z",
            "9999-12-31T00:00:00.000001Z",
            "2024-02-29T10:00:05.123456789Z",
            "2026-01-24T10:00:05.5Z",
        ] {
            let long = DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc);
            assert_eq!(parse_as_written(text), Some(long), "{text}");
        }
        for text in [
            "2026-02-29T10:00:05Z",
            "2026-01-24T24:00:05Z",
            "2026-01-24 10:00:05Z",
            "2026-01-24T10:00:05",
            "2026-01-24T10:00:05.Z",
            "2026-01-24T10:00:05.1234567891Z",
            "2026-01-24T10:00:60Z",
            "2026-01-24T10:00:+5Z",
            "2026-01-24T10:00:05+00:00Z",
            "Z",
            "2026-01-24T10:00:0\u{fc}Z",
        ] {
            assert_eq!(parse_as_written(text), None, "{text}");
        }
    }

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
