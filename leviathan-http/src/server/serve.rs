//! `serve`: the API on a socket, until it is told to stop.

use axum::Router;
use axum::serve::ListenerExt;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that are under way may still take once the API is told to stop.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Answers requests until `shutdown` ends. Then no more connections are taken, and requests under way are ended well, but
/// for those that take longer than [`SHUTDOWN_GRACE`].
///
/// # Errors
/// What the listener says when it can take no connections at all.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Answers are small and wanted at once. Without it they are only slower.
        let _ = connection.set_nodelay(true);
    });
    let (stopping, told) = oneshot::channel();
    let shutdown = async {
        shutdown.await;
        // Nobody listens any more only if serving ended by itself.
        let _ = stopping.send(());
    };
    let overdue = async {
        // Dropped unsent only when serving is over, and then the other branch ends first.
        let _ = told.await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        biased;
        served = axum::serve(listener, router).with_graceful_shutdown(shutdown) => served,
        () = overdue => {
            tracing::warn!(grace = ?SHUTDOWN_GRACE, "requests were still under way when their time was over");
            Ok(())
        }
    }
}
