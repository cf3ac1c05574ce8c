//! `Safeguard`: what the simulation switches off, one at a time, to see that it notices.
//!
//! Without the feature `sabotage`, which only core's own tests have, all are on, and nobody can say otherwise.

/// Something that keeps a promise by being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    unreachable_pub,
    dead_code,
    reason = "without the feature nobody outside sees it, or needs all of it"
)]
pub enum Safeguard {
    /// What was told before is known by its fingerprint, and not recorded again.
    Fingerprint,
    /// An attempt is launched only once it stands in the log.
    IntentFirst,
    /// What a scheduler wants is refused once the log is in another term.
    Term,
    /// What has ended stays as it ended.
    StickyEnd,
    /// A store takes an append only behind the head that it was made for.
    Conflict,
}

#[cfg(feature = "sabotage")]
mod switch {
    use super::Safeguard;
    use std::cell::Cell;

    thread_local! {
        static OFF: Cell<Option<Safeguard>> = const { Cell::new(None) };
    }

    /// Whether a safeguard is on, on this thread.
    pub fn is_on(safeguard: Safeguard) -> bool {
        OFF.get() != Some(safeguard)
    }

    /// Switches one off, and all others on, on this thread.
    pub fn switch_off(safeguard: Safeguard) {
        OFF.set(Some(safeguard));
    }
}

#[cfg(not(feature = "sabotage"))]
mod switch {
    /// All of them are.
    pub(crate) const fn is_on(_: super::Safeguard) -> bool {
        true
    }
}

#[cfg(not(feature = "sabotage"))]
pub(crate) use switch::is_on;
#[cfg(feature = "sabotage")]
pub use switch::{is_on, switch_off};
