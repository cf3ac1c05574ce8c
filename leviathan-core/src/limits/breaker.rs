//! `Breaker`: when a target that only fails is left alone.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// When a target that only fails is left alone. Failures that use a try are counted, in a row and over all its tasks.
///
/// The circuit opens with the `failures`th and stays open for the cooldown, counted from when the last of them was
/// recorded. Then it is half open: one attempt at a time may go. A success closes it, a further failure that uses a try
/// opens it anew, and what ends otherwise leaves it half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// How many failures in a row open the circuit.
    pub failures: NonZeroU32,
    /// How long it stays open, in seconds; more than a year counts as a year.
    pub cooldown_seconds: u64,
}
