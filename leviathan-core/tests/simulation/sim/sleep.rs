//! `Sleep`: a wait in virtual time.

use super::Sim;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Ends once its time has come.
pub(crate) struct Sleep {
    pub(super) sim: Sim,
    pub(super) at: Duration,
    /// Under which key it waits.
    pub(super) timer: Option<(Duration, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let sim = self.sim.clone();
        let mut state = sim.state();
        if state.now >= self.at {
            return Poll::Ready(());
        }
        let key = self.timer.unwrap_or_else(|| {
            state.next_timer += 1;
            (self.at, state.next_timer)
        });
        state.timers.insert(key, context.waker().clone());
        self.timer = Some(key);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.timer {
            let waker = self.sim.state().timers.remove(&key);
            drop(waker);
        }
    }
}
