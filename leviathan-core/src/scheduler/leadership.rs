//! `Leadership`: how a scheduler knows that no other does the same work.

use std::time::Duration;

/// How a scheduler knows that no other does the same work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leadership {
    /// The host holds an exclusive lock on the log, so that nobody else can write it. The scheduler takes over at once and
    /// leads until another does, which stops it.
    Exclusive,
    /// Schedulers of several hosts share the log: one leads for this long at a time and renews it, the others wait until
    /// it does not. A second at least and a day at most.
    ///
    /// The hosts' clocks must agree to much less than a quarter of this. 30 seconds to a few minutes are sensible: a
    /// longer lease has the others wait longer once its holder has died, a shorter one fills the log sooner with its
    /// renewals (one in a third of it) and leaves calls of the executor less time (a quarter of it).
    Lease(Duration),
}

impl Leadership {
    const SHORTEST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(24 * 3600);

    pub(super) fn bounded(self) -> Self {
        match self {
            Self::Exclusive => Self::Exclusive,
            Self::Lease(lease) => Self::Lease(lease.clamp(Self::SHORTEST, Self::LONGEST)),
        }
    }

    pub(super) fn lease(self) -> Option<Duration> {
        match self {
            Self::Exclusive => None,
            Self::Lease(lease) => Some(lease),
        }
    }
}
