//! `Freezer`: a host that is paused, as by a suspended machine: time goes on, and nothing of it does.

use futures::future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

#[derive(Clone, Default)]
pub(crate) struct Freezer {
    inner: Arc<Mutex<(bool, Option<Waker>)>>,
}

impl Freezer {
    pub(crate) fn freeze(&self) {
        self.inner.lock().unwrap().0 = true;
    }

    pub(crate) fn thaw(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.0 = false;
        inner.1.take().into_iter().for_each(Waker::wake);
    }

    /// Goes on only while it is not frozen.
    pub(crate) async fn run<T>(self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        future::poll_fn(|context| {
            {
                let mut inner = self.inner.lock().unwrap();
                if inner.0 {
                    inner.1 = Some(context.waker().clone());
                    return Poll::Pending;
                }
            }
            future.as_mut().poll(context)
        })
        .await
    }
}
