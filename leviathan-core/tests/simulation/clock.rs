//! `HostClock`: the virtual time as one host reads it.

use super::sim::Sim;
use chrono::TimeDelta;
use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::{Clock, Timestamp};
use std::time::Duration;

/// Runs as fast as the others, and is ahead of or behind them.
#[derive(Debug, Clone)]
pub(crate) struct HostClock {
    sim: Sim,
    ahead: TimeDelta,
}

impl HostClock {
    pub(crate) fn new(sim: Sim, ahead: TimeDelta) -> Self {
        Self { sim, ahead }
    }
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        timestamp(self.sim.now()) + self.ahead
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sim.sleep(duration).boxed()
    }
}

/// A moment of the virtual time as the world has it.
pub(crate) fn timestamp(now: Duration) -> Timestamp {
    leviathan_core::parse_timestamp("2026-01-24T10:00:00Z").unwrap() + now
}
