//! `Clock`: where time comes from.

use crate::Timestamp;
use futures::future::BoxFuture;
use std::{fmt, time::Duration};

/// The only source of time for the ledger and the scheduler. Hosts give the real one; tests and simulations a virtual one.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Ends once `duration` has passed. Dropping the future cancels the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}
