//! `SystemClock`: the machine's time, waited for on tokio.

use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::{Clock, Timestamp};
use std::time::Duration;

/// The machine's time. Its waits need a tokio runtime with time enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}
