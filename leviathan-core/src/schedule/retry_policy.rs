//! `RetryPolicy`: how often, and how far apart.

use crate::id::AttemptId;
use crate::log::Hash;
use crate::time::LONGEST_WAIT_SECONDS;
use serde::{Deserialize, Serialize};
use std::{num::NonZeroU32, time::Duration};

/// How often a task is tried, and how long it waits in between. A target's own policy goes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// How many attempts that use a try a task may have.
    pub max_attempts: NonZeroU32,
    /// Seconds before the first retry; doubled for each further one.
    pub backoff_seconds: u64,
    /// The longest wait, in seconds.
    pub max_backoff_seconds: u64,
    /// How many attempts in a row may fail for reasons of the infrastructure before the task waits for an operator.
    pub max_infrastructure_retries: u32,
}

impl Default for RetryPolicy {
    /// Three tries, 30 seconds apart at first and an hour at most; five infrastructure retries.
    fn default() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN.saturating_add(2),
            backoff_seconds: 30,
            max_backoff_seconds: 3600,
            max_infrastructure_retries: 5,
        }
    }
}

impl RetryPolicy {
    /// The longest wait there is: a due time further ahead counts as one so far ahead.
    pub fn longest_wait(&self) -> Duration {
        Duration::from_secs(self.max_backoff_seconds.min(LONGEST_WAIT_SECONDS))
    }

    /// How long to wait before the `retry`th retry (from 1) after `failed`.
    ///
    /// Capped exponential backoff, shortened by up to a quarter. The jitter follows from the attempt's id, so that every
    /// host decides the same wait.
    pub fn backoff(&self, failed: &AttemptId, retry: u32) -> Duration {
        let doublings = retry.saturating_sub(1).min(32);
        let whole = Duration::from_secs(self.backoff_seconds.saturating_mul(1 << doublings));
        let whole = whole.min(self.longest_wait());
        let draw = Hash::of_parts(&[b"jitter", failed.as_str().as_bytes()]).as_bytes()[0];
        whole - whole.mul_f64(f64::from(draw) / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_stay_within_a_quarter() {
        let policy = RetryPolicy { backoff_seconds: 10, max_backoff_seconds: 100, ..RetryPolicy::default() };
        let attempt = AttemptId::new("attempt-1").unwrap();
        for (retry, whole) in [(1, 10.0), (2, 20.0), (3, 40.0), (4, 80.0), (5, 100.0), (400, 100.0)] {
            let wait = policy.backoff(&attempt, retry).as_secs_f64();
            assert!((whole * 0.75..=whole).contains(&wait), "retry {retry}: {wait}");
            assert_eq!(wait, policy.backoff(&attempt, retry).as_secs_f64());
        }
    }
}
