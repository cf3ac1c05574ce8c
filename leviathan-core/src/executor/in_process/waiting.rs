//! `Waiting`: those who wait for something to change.

use futures::channel::oneshot;

/// Futures to wake, once each. Those that were dropped meanwhile are forgotten when the next one joins.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<oneshot::Sender<()>>);

impl Waiting {
    pub(super) fn join(&mut self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.0.retain(|waiting| !waiting.is_canceled());
        self.0.push(sender);
        receiver
    }

    pub(super) fn wake(&mut self) {
        for waiting in self.0.drain(..) {
            // Whoever stopped waiting needs no word.
            let _ = waiting.send(());
        }
    }
}
