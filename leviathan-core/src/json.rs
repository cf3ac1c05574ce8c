//! Reading JSON text, and where in it a fault is.

use serde::Deserialize;
use serde_json::{Deserializer, Error};

/// What of a JSON text could not be read.
#[derive(Debug)]
pub(crate) struct JsonFault {
    /// The place, for instance `items[2].name`; `.` for the whole text.
    pub(crate) path: String,
    error: Error,
}

impl JsonFault {
    /// The place, where the text itself stands at `root`.
    pub(crate) fn path_from(&self, root: &str) -> String {
        if self.path == "." { root.to_owned() } else { format!("{root}.{}", self.path) }
    }

    /// What is wrong, with line and column.
    pub(crate) fn in_line(&self) -> String {
        self.error.to_string()
    }

    /// What is wrong, for a text that stands within another, where its lines and columns say nothing.
    pub(crate) fn what(&self) -> String {
        let text = self.in_line();
        text.split(" at line ").next().unwrap_or_default().to_owned()
    }
}

/// Reads a whole text. A text with a fault is read twice, the second time for the fault's place: keeping track of it costs as
/// much as reading.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, JsonFault> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => Err(JsonFault { path: place::<T>(text), error }),
    }
}

/// Where reading stops, which is `.` for what stands behind a value that could be read.
fn place<'de, T: Deserialize<'de>>(text: &'de str) -> String {
    let read: Result<T, _> = serde_path_to_error::deserialize(&mut Deserializer::from_str(text));
    read.map_or_else(|error| error.path().to_string(), |_| ".".to_owned())
}
