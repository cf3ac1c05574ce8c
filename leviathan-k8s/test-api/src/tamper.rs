//! `Tamper` and `Break`: what can happen to a watch on its way.

/// What happens to one line of the watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tamper {
    /// No watch gets it.
    Lost,
    /// Every watch gets it twice.
    Twice,
}

/// How the watches that are open end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// With an answer that is over, as after `timeoutSeconds`.
    Clean,
    /// With the connection cut in the middle of a line.
    MidLine,
    /// With the line that says that their version is no longer kept (410).
    Expired,
}
