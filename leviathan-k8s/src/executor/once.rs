//! `Once`: what is said once, however often it is met.

use std::sync::atomic::{AtomicBool, Ordering};

/// A right that the executor's role may lack. It is missed once, said once, and lived without.
#[derive(Debug, Default)]
pub(super) struct Once(AtomicBool);

impl Once {
    /// Whether it was met before.
    pub(super) fn was_met(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether this is the first time.
    pub(super) fn meet(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}
