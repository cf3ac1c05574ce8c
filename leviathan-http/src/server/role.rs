//! `Role`: what the bearer of a token may do.

/// What the bearer of a token may do. A greater role may do all that a lesser one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May post bundles and artifacts, and read nothing.
    Worker,
    /// May do everything.
    Operator,
}
