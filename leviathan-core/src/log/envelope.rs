//! `Envelope`: what stands around an event's payload.

use super::BadBody;
use crate::event::Origin;
use crate::{Timestamp, parse_timestamp, time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What stands around the payload, borrowed from a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The producer's name for the event.
    pub event_id: Cow<'a, str>,
    /// What kind of fact it is, for instance `attempt.created`.
    pub event_type: Cow<'a, str>,
    /// Version of the payload's schema.
    pub version: u32,
    /// When it happened, by its producer's clock.
    pub timestamp: Timestamp,
    /// When the control plane took it. Need not rise with position.
    pub recorded_at: Timestamp,
    /// Who caused it.
    pub actor_id: Cow<'a, str>,
    /// Whether it was observed or claimed.
    pub origin: Origin,
    /// The target that it belongs to.
    pub target: Option<Cow<'a, str>>,
    /// The payload as text, byte for byte. Whether it is what its type asks for is seen when it is decoded.
    pub payload: &'a str,
}

/// The same as JSON, its fields in the order of the format.
#[derive(Serialize, Deserialize)]
pub(super) struct Written<'a> {
    #[serde(borrow)]
    pub(super) event_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event_type: Cow<'a, str>,
    pub(super) version: u32,
    #[serde(with = "time::lenient")]
    pub(super) timestamp: Timestamp,
    #[serde(with = "time::lenient")]
    pub(super) recorded_at: Timestamp,
    #[serde(borrow)]
    pub(super) actor_id: Cow<'a, str>,
    pub(super) origin: Origin,
    #[serde(borrow)]
    pub(super) target: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) payload: &'a RawValue,
}

impl<'a> Envelope<'a> {
    /// The payload as JSON that can be written on.
    ///
    /// # Errors
    /// [`BadBody`] if it is no JSON.
    pub fn raw_payload(&self) -> Result<&'a RawValue, BadBody> {
        serde_json::from_str(self.payload).map_err(|error| BadBody(error.to_string()))
    }

    /// Reads any JSON object with the envelope's fields.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, serde_json::Error> {
        let written: Written<'a> = serde_json::from_slice(bytes)?;
        Ok(Self {
            event_id: written.event_id,
            event_type: written.event_type,
            version: written.version,
            timestamp: written.timestamp,
            recorded_at: written.recorded_at,
            actor_id: written.actor_id,
            origin: written.origin,
            target: written.target,
            payload: written.payload.get(),
        })
    }

    /// Cuts the fields out of a body of exactly the form in which bodies are written, several times as fast as it can be
    /// parsed. Nothing for any other form, also where a name has a character that JSON escapes.
    pub(super) fn cut(body: &'a [u8]) -> Option<Self> {
        let mut rest = Cut(std::str::from_utf8(body).ok()?);
        rest.skip("{\"event_id\":")?;
        let event_id = rest.text()?.into();
        rest.skip(",\"event_type\":")?;
        let event_type = rest.text()?.into();
        rest.skip(",\"version\":")?;
        let version = rest.number()?;
        rest.skip(",\"timestamp\":")?;
        let timestamp = parse_timestamp(rest.text()?).ok()?;
        rest.skip(",\"recorded_at\":")?;
        let recorded_at = parse_timestamp(rest.text()?).ok()?;
        rest.skip(",\"actor_id\":")?;
        let actor_id = rest.text()?.into();
        rest.skip(",\"origin\":")?;
        let origin = match rest.text()? {
            "observed" => Origin::Observed,
            "claimed" => Origin::Claimed,
            _ => return None,
        };
        rest.skip(",\"target\":")?;
        let target = match rest.skip("null") {
            Some(()) => None,
            None => Some(rest.text()?.into()),
        };
        rest.skip(",\"payload\":")?;
        let payload = rest.0.strip_suffix('}').filter(|payload| payload.starts_with('{'))?;
        Some(Self {
            event_id,
            event_type,
            version,
            timestamp,
            recorded_at,
            actor_id,
            origin,
            target,
            payload,
        })
    }
}

/// What is left to cut.
struct Cut<'a>(&'a str);

impl<'a> Cut<'a> {
    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// A string without escapes.
    fn text(&mut self) -> Option<&'a str> {
        let (text, rest) = self.0.strip_prefix('"')?.split_once('"')?;
        // Without leaving early, so that many bytes are looked at at once.
        let odd = text.bytes().fold(false, |odd, byte| odd | (byte == b'\\') | (byte < 0x20));
        self.0 = rest;
        (!odd).then_some(text)
    }

    /// A whole number as JSON writes it.
    fn number(&mut self) -> Option<u32> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        if digits.len() > 1 && digits.starts_with('0') { None } else { digits.parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"event_id":"ev-1","event_type":"tests.passed","version":1,"timestamp":"2026-01-24T10:00:05Z","recorded_at":"2026-01-24T10:00:06.120Z","actor_id":"worker","origin":"claimed","target":"radix","payload":{"attempt_id":"a","b":[1,{}]}}"#;

    #[test]
    fn a_body_as_it_is_written_is_cut_into_what_parsing_it_gives() {
        for body in [
            BODY.to_owned(),
            BODY.replace("\"radix\"", "null"),
            BODY.replace("claimed", "observed"),
            BODY.replace("ev-1", "\u{fc}\u{1f40b}"),
            BODY.replace("\"version\":1", "\"version\":0"),
        ] {
            let cut = Envelope::cut(body.as_bytes()).unwrap();
            assert_eq!(cut, Envelope::read(body.as_bytes()).unwrap(), "{body}");
        }
    }

    #[test]
    fn a_body_of_another_form_is_left_to_the_parser() {
        for body in [
            BODY.replace("ev-1", "ev\\u00211"),
            BODY.replace("ev-1", "ev\\\"1"),
            BODY.replace(",\"version\"", ", \"version\""),
            BODY.replace("\"actor_id\":\"worker\",", ""),
            BODY.replace(
                "\"origin\":\"claimed\",\"target\":\"radix\"",
                "\"target\":\"radix\",\"origin\":\"claimed\"",
            ),
            BODY.replace("\"version\":1", "\"version\":01"),
            BODY.replace("\"version\":1", "\"version\":4294967296"),
            BODY.replace("claimed", "guessed"),
            BODY.replace("2026-01-24T10:00:05Z", "yesterday"),
            BODY.replace("ev-1", "ev\n1"),
            BODY.replace("{\"attempt_id\":\"a\",\"b\":[1,{}]}", "[]"),
            BODY[..BODY.len() - 1].replace("}]}", "}]"),
            String::new(),
        ] {
            assert_eq!(Envelope::cut(body.as_bytes()), None, "{body}");
        }
        assert_eq!(Envelope::cut(b"\xff"), None);
    }
}
