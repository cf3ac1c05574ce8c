//! `Node`: a YAML value that knows where it stands.

use super::{Fault, MAX_FILE_BYTES};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    DuplicateKeyPolicy, Error, MessageFormatter as _, NonFiniteFloatPolicy, Options, Spanned,
    UserMessageFormatter,
};
use std::fmt;
use std::ops::Range;

/// How deep lists and mappings may nest.
const MAX_DEPTH: usize = 32;
/// How many values a file may hold, those that aliases repeat counted each time.
const MAX_NODES: usize = 200_000;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// Line and column from 1, where the file uses it: for an alias the alias.
    pub(crate) place: (u64, u64),
    /// The bytes of the text that hold it.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Value {
    /// Nothing: `null`, `~`, or no value at all.
    Null,
    /// `true`, `false`, `yes`, `no`, `on`, `off`.
    Flag(bool),
    /// A whole number from 0.
    Whole(u64),
    /// Any other number.
    Number,
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping as it is written, doubled keys and all.
    Mapping(Vec<(Node, Node)>),
}

/// Reads `text` into nodes, within bounds on size, nesting and what aliases may blow up to.
///
/// # Errors
/// The fault, if the text is no single YAML document or is beyond a bound.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, Fault> {
    let whole = |place: Option<(u64, u64)>, what: String| {
        let (line, column) = place.unzip();
        Fault { file: file.to_owned(), line, column, field: String::new(), what }
    };
    if text.len() > MAX_FILE_BYTES {
        return Err(whole(None, format!("{} bytes; at most {MAX_FILE_BYTES} are read", text.len())));
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let place = error.location().filter(|at| at.line() > 0).map(|at| (at.line(), at.column()));
        whole(place, format!("not readable as YAML: {}", reason(&error)))
    })
}

fn options() -> Options {
    let budget = serde_saphyr::budget! {
        max_depth: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        max_documents: 2,
        max_nodes: MAX_NODES,
        max_events: 4 * MAX_NODES,
        max_total_scalar_bytes: 2 * MAX_FILE_BYTES,
        max_aliases: 10_000,
        max_anchors: 10_000,
        max_recorded_anchor_events: MAX_NODES,
        max_recorded_anchor_bytes: 4 * MAX_FILE_BYTES,
        max_merge_keys: 1_000,
    };
    let alias_limits =
        serde_saphyr::alias_limits! { max_total_replayed_events: MAX_NODES, max_replay_stack_depth: 16 };
    serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits,
        // Told as a fault of the mapping, so that the rest of the file is still read.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        emit_comments: false,
        with_snippet: false,
    }
}

/// The error's own words, without the place.
fn reason(error: &Error) -> String {
    UserMessageFormatter.format_message(error.without_snippet()).replace(char::is_control, " ")
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, defined } = Spanned::<Value>::deserialize(from)?;
        let span = defined.span();
        let start = span.byte_offset().unwrap_or(0) as usize;
        let end = start.saturating_add(span.byte_len().unwrap_or(0) as usize);
        Ok(Self { place: (referenced.line(), referenced.column()), span: start..end, value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        Value::deserialize(from)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Flag(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Whole(value))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(u64::try_from(value).map_or(Value::Number, Value::Whole))
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }
    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = from.next_element()? {
            list.push(node);
        }
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = from.next_entry()? {
            list.push(entry);
        }
        Ok(Value::Mapping(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read("f.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_line() {
        for (text, expected) in [
            ("a: 1\nb: [1, 2\n", "f.yaml:2: not readable as YAML: unclosed bracket"),
            ("a: b: c", "f.yaml:1: not readable as YAML: mapping values"),
            ("a: 1\nb: *nothing", "f.yaml:2: not readable as YAML: reference to unknown"),
            ("a: 1\n---\nb: 2\n", "f.yaml:3: not readable as YAML: only single YAML document"),
        ] {
            assert!(fault(text).starts_with(expected), "{text:?}: {}", fault(text));
        }
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let many = |one: &str| format!("[{}]", [one; 9].join(","));
        let mut bomb = format!("a0: &a0 {}\n", many("x"));
        for level in 1..9 {
            bomb += &format!("a{level}: &a{level} {}\n", many(&format!("*a{}", level - 1)));
        }
        let repeated = format!("a: &a {}\nb: [{}]", "x".repeat(1_000_000), "*a,".repeat(9_000));
        let nested: String = (0..100).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        for text in [bomb, repeated, nested, "[".repeat(10_000)] {
            assert!(fault(&text).contains("not readable as YAML"), "{}", fault(&text));
        }
        assert!(fault(&" ".repeat(MAX_FILE_BYTES + 1)).contains("at most 4194304"));
    }
}
