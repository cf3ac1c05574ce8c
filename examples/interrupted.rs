//! Waiting to be told to stop.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Listens from now on, and ends at the first interrupt or request to terminate.
pub(crate) fn interrupted() -> Result<impl Future<Output = ()>> {
    let listen = |kind| signal(kind).context("signals can't be listened for");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
