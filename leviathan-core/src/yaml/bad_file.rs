//! `BadFile`: a file that could not be used, with all that is wrong in it.

use super::Fault;

/// A file of which nothing may be used, with every fault that was found in it, a line for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct BadFile {
    /// What is wrong, in the order of the file. Never empty.
    pub faults: Vec<Fault>,
}

impl From<Fault> for BadFile {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}
