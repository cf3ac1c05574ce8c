//! `Author`: who appends: a host, in one of its lives.

use std::fmt;

/// A host that crashed comes back as another author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Author {
    pub(crate) host: usize,
    pub(crate) life: u32,
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host {}.{}", self.host, self.life)
    }
}
