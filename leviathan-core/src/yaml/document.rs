//! `Document`: a file that was read, ready to be walked.

use super::{Entry, Fault, Node, node};

/// A YAML file as a tree of nodes, with its text.
pub(crate) struct Document<'t> {
    text: &'t str,
    root: Node,
}

impl<'t> Document<'t> {
    /// Reads the text of the file named `file`.
    ///
    /// # Errors
    /// The fault, if the text is no single YAML document or is beyond a bound.
    pub(crate) fn read(file: &str, text: &'t str) -> Result<Self, Fault> {
        // Places are counted behind a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        node::read(file, text).map(|root| Self { text, root })
    }

    /// The whole of it.
    pub(crate) fn root(&self) -> Entry<'_> {
        Entry::new(self.text, &self.root, String::new())
    }
}
