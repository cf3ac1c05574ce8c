//! `serve`: the API on a socket, until it is told to stop.

use super::Stopping;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

/// How long requests that are under way may still take once the API is told to stop.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How many connections there are at once. More wait to be taken.
const MAX_CONNECTIONS: usize = 1000;
/// How long a peer may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a peer may take nothing of an answer.
const UNREAD: Duration = Duration::from_secs(60);
/// How long to wait when no connection can be taken, for instance because too many files are open.
const PAUSE: Duration = Duration::from_secs(1);
/// After so many pauses without a connection the listener is given up.
const MAX_PAUSES: usize = 60;

/// Answers requests until `shutdown` ends. Then no more connections are taken, streams are ended, and requests under way are
/// ended well, but for those that take longer than [`SHUTDOWN_GRACE`].
///
/// A peer that is too slow to send the head of a request or to take an answer loses its connection.
///
/// # Errors
/// What the listener says when it can take no connections for a minute.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = Stopping::when(shutdown);
    let service = TowerToHyperService::new(router.layer(Extension(stopping.clone())));
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let (connection, place) = tokio::select! {
            biased;
            () = stopping.clone().told() => break,
            taken = take(&listener, &room) => taken?,
        };
        while connections.try_join_next().is_some() {}
        let served = http.serve_connection(TokioIo::new(bounded(connection)), service.clone());
        let served = graceful.watch(served.into_owned());
        connections.spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(SHUTDOWN_GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(grace = ?SHUTDOWN_GRACE, "requests were still under way when their time was over");
    }
    connections.shutdown().await;
    Ok(())
}

/// The next connection, once there is room for it.
async fn take(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let place = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let mut pauses = 0;
    loop {
        match listener.accept().await {
            Ok((connection, _)) => return Ok((connection, place)),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) if pauses == MAX_PAUSES => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken for now");
                pauses += 1;
                sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn bounded(connection: TcpStream) -> std::pin::Pin<Box<TimeoutStream<TcpStream>>> {
    // Answers are small and wanted at once. Without it they are only slower.
    let _ = connection.set_nodelay(true);
    let mut connection = TimeoutStream::new(connection);
    connection.set_write_timeout(Some(UNREAD));
    Box::pin(connection)
}
