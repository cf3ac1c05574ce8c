//! `Serving`: a server on a thread of its own.

use axum::Router;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A server on a thread of its own. Dropped, it goes on until the test's process ends.
#[derive(Debug)]
pub(crate) struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Serves on a free port of this machine. A thread of its own serves tests that have no runtime, and those whose time
/// stands still.
pub(crate) fn serve(router: Router) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let serving = axum::serve(listener, router).into_future();
            tokio::select! {
                served = serving => served.unwrap(),
                // Whoever started it and does not keep it wants it to go on.
                Ok(()) = stopped => {}
            }
        });
    });
    Serving { address, stop, thread }
}

impl Serving {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it and returns once nobody listens any more.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(());
        self.thread.join().unwrap();
    }
}
