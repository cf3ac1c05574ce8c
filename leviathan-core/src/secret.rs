//! `Secret`: text that must not be printed.

use std::{fmt, sync::Arc};

/// A token or key. Neither `Debug` nor serde shows it, and it has no `Display`; [`expose`](Self::expose) is the one way
/// to its text, so that every use can be found by that name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
