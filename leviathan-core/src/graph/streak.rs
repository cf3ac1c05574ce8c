//! `Streak`: how often a target failed in a row, and so how its circuit stands.

use crate::Timestamp;
use crate::limits::Breaker;
use crate::time::LONGEST_WAIT_SECONDS;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How often a target failed in a row, by failures that used a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Streak {
    /// How often.
    pub failures: u32,
    /// When the last of them was recorded.
    pub last_failure: Option<Timestamp>,
}

/// How a target's circuit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// Attempts may start.
    Closed,
    /// None may start before this time.
    Open {
        /// That time.
        until: Timestamp,
    },
    /// One at a time may start.
    HalfOpen,
}

impl Streak {
    pub(super) fn failed(&mut self, recorded_at: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.last_failure = Some(recorded_at);
    }

    pub(super) fn ended(&mut self) {
        *self = Self::default();
    }

    /// Until when the circuit is open once it has tripped. Before that there is no such time.
    pub(crate) fn open_until(&self, breaker: &Breaker) -> Option<Timestamp> {
        let last = self.last_failure.filter(|_| self.failures >= breaker.failures.get())?;
        let seconds = breaker.cooldown_seconds.min(LONGEST_WAIT_SECONDS);
        let cooldown = TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
        Some(last.checked_add_signed(cooldown).unwrap_or(Timestamp::MAX_UTC))
    }

    /// How the circuit stands at `now`.
    pub fn circuit(&self, breaker: &Breaker, now: Timestamp) -> Circuit {
        match self.open_until(breaker) {
            None => Circuit::Closed,
            Some(until) if now < until => Circuit::Open { until },
            Some(_) => Circuit::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn breaker(failures: u32, cooldown_seconds: u64) -> Breaker {
        Breaker { failures: NonZeroU32::new(failures).unwrap(), cooldown_seconds }
    }

    #[test]
    fn a_circuit_opens_with_the_last_failure_and_is_half_open_after_the_cooldown() {
        let mut streak = Streak::default();
        let breaker = breaker(2, 60);
        streak.failed(at(0));
        assert_eq!(streak.circuit(&breaker, at(0)), Circuit::Closed);
        streak.failed(at(10));
        assert_eq!(streak.circuit(&breaker, at(10)), Circuit::Open { until: at(70) });
        assert_eq!(streak.circuit(&breaker, at(69)), Circuit::Open { until: at(70) });
        assert_eq!(streak.circuit(&breaker, at(70)), Circuit::HalfOpen);
        streak.failed(at(80));
        assert_eq!(streak.circuit(&breaker, at(80)), Circuit::Open { until: at(140) });
        streak.ended();
        assert_eq!(streak.circuit(&breaker, at(80)), Circuit::Closed);
    }

    #[test]
    fn no_number_is_too_large() {
        let mut streak = Streak { failures: u32::MAX, last_failure: None };
        streak.failed(Timestamp::MAX_UTC);
        assert_eq!(streak.failures, u32::MAX);
        assert_eq!(streak.open_until(&breaker(u32::MAX, u64::MAX)), Some(Timestamp::MAX_UTC));
        assert_eq!(streak.circuit(&breaker(1, 0), Timestamp::MAX_UTC), Circuit::HalfOpen);
    }
}
