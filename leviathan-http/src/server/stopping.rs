//! `Stopping`: tells what would go on for ever that the server stops.

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use std::fmt;

/// Tells streams that the server stops. [`serve`](super::serve) gives it to them; a host that serves the router with a
/// server of its own adds it as a layer, `router.layer(axum::Extension(Stopping::when(signal)))`, or that server waits for
/// streams until their clients leave.
#[derive(Clone)]
pub struct Stopping(Shared<BoxFuture<'static, ()>>);

impl Stopping {
    /// Streams end once this has.
    pub fn when(signal: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(signal.boxed().shared())
    }

    /// Waits until the server is to stop.
    pub(super) async fn told(self) {
        self.0.await;
    }
}

impl fmt::Debug for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stopping")
    }
}
