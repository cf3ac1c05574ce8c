//! `Fault`: one thing that is wrong in a file.

/// One thing that is wrong in a file, where it stands, and what was expected there. Shown as `file:line: field: what`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {}{what}", .line.map(|line| format!(":{line}")).unwrap_or_default(), prefix(.field))]
pub struct Fault {
    /// The file, as the caller named it.
    pub file: String,
    /// Its line, from 1; none for a fault of the file as a whole.
    pub line: Option<u64>,
    /// The column in that line, in characters from 1.
    pub column: Option<u64>,
    /// The field, for instance `tasks[3].priority`; empty for the file as a whole.
    pub field: String,
    /// What is wrong and what was expected.
    pub what: String,
}

fn prefix(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("{field}: ") }
}
