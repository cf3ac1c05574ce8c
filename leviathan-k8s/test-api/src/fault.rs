//! `Fault`: a request that is to go wrong.

use std::time::Duration;

/// How a request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// 429 with `Retry-After`, before anything was done.
    TooMany(Duration),
    /// This status (500, 503 …), before anything was done.
    Status(u16),
    /// The connection is cut before anything was done.
    HangUp,
    /// All of it is done, and the connection is cut before the answer: whoever asked does not know.
    HangUpAfter,
    /// All of it is done, and the answer is this status, as a proxy in between would give.
    StatusAfter(u16),
}

/// The next requests of a kind that go wrong.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) verb: String,
    pub(crate) resource: String,
    pub(crate) left: usize,
    pub(crate) how: Failing,
}
