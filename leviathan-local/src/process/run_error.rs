//! `RunError`: why a command was not run.

use std::{io, path::PathBuf};

/// A command that could not be run. A command that ran and failed is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Nothing was started. Look at the program's name, its permissions, and `PATH`.
    #[error("could not start {program:?}: {source}")]
    NotStarted {
        /// The program as it was named.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing was started: it was to run in a place that is no directory.
    #[error("could not start {program:?}: its working directory {cwd:?} is no directory")]
    NoDirectory {
        /// The program as it was named.
        program: String,
        /// Where it was to run.
        cwd: PathBuf,
    },
    /// It was started and killed again, because the system refused what is needed to look after it.
    #[error("started {program:?}, then lost hold of it and killed it: {source}")]
    LostHold {
        /// The program as it was named.
        program: String,
        /// What the system says.
        source: io::Error,
    },
}
