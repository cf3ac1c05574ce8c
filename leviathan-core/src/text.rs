//! Reading a value from JSON text without making a `String` of it first.

use serde::de::{Deserializer, Error, Visitor};
use std::fmt;

/// Hands the text that `from` holds to `read`.
pub(crate) fn read<'de, D, T, E>(from: D, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    from.deserialize_str(Text(read))
}

struct Text<F>(F);

impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<A: Error>(self, text: &str) -> Result<T, A> {
        (self.0)(text).map_err(A::custom)
    }
}
