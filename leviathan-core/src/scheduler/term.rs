//! `Term`: the right to act, as an effect carries it.

use crate::clock::Clock;
use crate::executor::ExecutorError;
use crate::log::Position;
use crate::{Timestamp, format_timestamp};
use futures::{FutureExt, future, pin_mut};
use std::task::Poll;
use std::time::Duration;

/// The term that this scheduler leads, and until when it may begin something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    /// Where it began: what the scheduler's commands name.
    pub(super) since: Position,
    /// The last quarter of a lease, if it has an end.
    pub(super) last_quarter: Option<LastQuarter>,
}

/// When the last quarter of a lease begins, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastQuarter {
    pub(super) begins: Timestamp,
    pub(super) lasts: Duration,
}

impl Term {
    /// Whether something may begin at `now`.
    pub(super) fn may_begin(&self, now: Timestamp) -> bool {
        self.last_quarter.is_none_or(|quarter| now < quarter.begins)
    }

    /// A call of the executor, which neither begins in the last quarter of the lease nor takes longer than that.
    ///
    /// The clock is asked in the very poll that goes on with the call: a host that was paused in between does not know.
    pub(super) async fn bound(
        &self,
        clock: &dyn Clock,
        call: impl Future<Output = Result<(), ExecutorError>>,
    ) -> Result<(), ExecutorError> {
        let Some(quarter) = self.last_quarter else { return call.await };
        let began = clock.now();
        if !self.may_begin(began) {
            let begins = format_timestamp(quarter.begins);
            let why =
                format_args!("the executor was not asked: the lease may end, it was not renewed by {begins}");
            return Err(ExecutorError::unavailable(why));
        }
        let over = clock.sleep(quarter.lasts).fuse();
        pin_mut!(call, over);
        future::poll_fn(|context| {
            let late = clock.now() >= began + quarter.lasts || over.as_mut().poll(context).is_ready();
            if !late {
                return call.as_mut().poll(context);
            }
            let seconds = quarter.lasts.as_secs_f64();
            let why = format_args!("the executor did not answer within {seconds} s, a quarter of the lease");
            Poll::Ready(Err(ExecutorError::unavailable(why)))
        })
        .await
    }
}
