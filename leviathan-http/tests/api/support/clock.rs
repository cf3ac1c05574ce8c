//! `TokioClock`: the time of the machine, waited for on tokio.

use futures::future::BoxFuture;
use leviathan_core::{Clock, Timestamp};
use std::time::{Duration, SystemTime};

#[derive(Debug)]
pub(crate) struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
