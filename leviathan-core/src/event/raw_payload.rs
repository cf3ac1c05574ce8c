//! `Payload`: JSON text that was checked once and is kept verbatim from then on.

use crate::json::{self, JsonFault};
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The path of a payload as a whole.
const PAYLOAD: &str = "payload";
/// How deep arrays and objects may nest, the payload itself counted as 1.
pub const MAX_DEPTH: usize = 64;

/// An event's payload: a JSON object as its producer wrote it, but for white space outside strings.
#[derive(Debug, Clone)]
pub struct Payload(Box<RawValue>);

/// Why a payload is refused, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct PayloadFault {
    /// JSON path of the fault within the payload, for instance `payload.items[2].name`.
    pub path: String,
    /// What is wrong there and what is expected.
    pub what: String,
}

impl PayloadFault {
    fn of(fault: JsonFault) -> Self {
        Self { path: fault.path_from(PAYLOAD), what: fault.what() }
    }
}

impl Payload {
    /// Checks JSON text and drops the white space outside its strings; nothing else is changed.
    ///
    /// Refused are: anything but an object, nesting deeper than [`MAX_DEPTH`], numbers that are not finite as 64-bit
    /// floats, lone surrogates and U+0000 in strings, and a key that occurs twice in one object. Stores, and readers in
    /// other languages, would each make something else of those.
    ///
    /// # Errors
    /// [`PayloadFault`] with the first place that is refused.
    pub fn parse(text: &str) -> Result<Self, PayloadFault> {
        json::read(text).map_err(PayloadFault::of).and_then(Self::accept)
    }

    /// The same, of JSON that was read already.
    pub(crate) fn accept(json: &RawValue) -> Result<Self, PayloadFault> {
        let text = json.get();
        let Checked = json::read(text).map_err(PayloadFault::of)?;
        if !text.starts_with('{') {
            return Err(PayloadFault { path: PAYLOAD.to_owned(), what: "expected a JSON object".to_owned() });
        }
        match without_white_space(text) {
            Cow::Borrowed(_) => Ok(Self(json.to_owned())),
            Cow::Owned(text) => json::read(&text).map(Self).map_err(PayloadFault::of),
        }
    }

    /// The payload as text, on one line.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    pub(crate) fn raw(&self) -> &RawValue {
        &self.0
    }

    /// The payload of a typed event. U+0000, which no payload may hold, becomes U+FFFD.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        // Our payload structs hold text, numbers and lists of them: serde_json refuses none of these.
        let text = serde_json::to_string(value).unwrap_or_default();
        let text = if text.contains("\\u0000") { without_nul(&text) } else { text };
        Self(RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Payload {}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Self::parse(raw.get()).map_err(de::Error::custom)
    }
}

/// Copies JSON text with U+FFFD wherever U+0000 is written as an escape.
fn without_nul(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(escape) = rest.find('\\') {
        let (before, from) = rest.split_at(escape);
        out.push_str(before);
        // An escape is as long as its kind says; only that of U+0000 matters here, all others are copied whole.
        let (escape, after) = from.split_at(if from.starts_with("\\u0000") { 6 } else { 2 });
        out.push_str(if escape == "\\u0000" { "\u{fffd}" } else { escape });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// JSON text without the white space between its tokens, itself if it has none.
fn without_white_space(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut in_string, mut escaped, mut taken) = (false, false, 0);
    // All that matters is ASCII, so every cut falls between characters.
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            out.push_str(&text[taken..at]);
            taken = at + 1;
        } else {
            in_string = byte == b'"';
        }
    }
    if taken == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[taken..]);
    Cow::Owned(out)
}

/// JSON that a payload may hold.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Check { depth: 1 }.deserialize(from).map(|()| Self)
    }
}

/// A key, copied only if it is written with escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(AnyKey).map(Self)
    }
}

struct AnyKey;

impl<'de> Visitor<'de> for AnyKey {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Walks a value without keeping it.
struct Check {
    depth: usize,
}

impl Check {
    /// What an array or object at this depth checks its members with.
    fn members<E: de::Error>(&self) -> Result<Check, E> {
        if self.depth > MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Check { depth: self.depth + 1 })
    }

    fn text<E: de::Error>(text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(E::custom("U+0000 in a string")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Check {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        if number.is_finite() {
            Ok(())
        } else {
            Err(E::custom("a number that is not finite as a 64-bit float"))
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        Check::text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Check { depth } = self.members()?;
        while items.next_element_seed(Check { depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Check { depth } = self.members()?;
        let mut keys = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            Check::text(&key)?;
            keys.push(key);
            entries.next_value_seed(Check { depth })?;
        }
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(de::Error::custom(format_args!("the key {:?} occurs twice", pair[0]))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, path: &str, what: &str) {
        let fault = Payload::parse(text).unwrap_err();
        assert_eq!(fault.path, path, "{fault}");
        assert!(fault.what.contains(what), "{fault}");
    }

    #[test]
    fn text_is_kept_but_for_white_space_outside_strings() {
        let payload =
            Payload::parse("{ \"b\" : 1e-7,\n\t\"a\":-0.0, \"c\": \"x \\\" \\\\\\n y\" }\r\n").unwrap();
        assert_eq!(payload.as_str(), "{\"b\":1e-7,\"a\":-0.0,\"c\":\"x \\\" \\\\\\n y\"}");
    }

    #[test]
    fn what_readers_would_disagree_about_is_refused_with_its_place() {
        refused("[1]", "payload", "expected a JSON object");
        refused("{\"a\":1}{", "payload", "trailing");
        refused("{\"a\":[1,{\"b\":1e400}]}", "payload.a[1].b", "out of range");
        refused("{\"a\":\"\\ud800\"}", "payload.a", "");
        refused("{\"a\":\"\\u0000\"}", "payload.a", "U+0000");
        refused("{\"a\":{\"k\":1,\"k\":2}}", "payload.a", "\"k\" occurs twice");
        refused(
            &format!("{{\"a\":{}{}}}", "[".repeat(64), "]".repeat(64)),
            &format!("payload.a{}", "[0]".repeat(63)),
            "nested deeper",
        );
        assert!(Payload::parse(&format!("{{\"a\":{}{}}}", "[".repeat(63), "]".repeat(63))).is_ok());
    }
}
