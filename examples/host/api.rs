//! The API that workers report to, served within the host.

use super::state_dir::StateDir;
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use tokio::net::TcpListener;

/// The port that is tried first where nobody says another.
const DEFAULT_PORT: u16 = 8000;

/// Binds the API's port and keeps it: a worker that outlives this host finds the next one there.
///
/// The port is the one asked for, else that of the last run, else the default one if it is free, else any.
pub(crate) async fn bind(state: &StateDir, host: &str, asked: Option<u16>) -> Result<TcpListener> {
    let kept = state.port()?;
    let (port, what_to_do) = match (asked, kept) {
        (Some(port), _) => (port, "choose another with --port"),
        (None, Some(port)) => (port, "running workers report there; free it, or choose another with --port"),
        (None, None) => (DEFAULT_PORT, ""),
    };
    let listener = match TcpListener::bind((host, port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse && what_to_do.is_empty() => {
            TcpListener::bind((host, 0))
                .await
                .with_context(|| format!("no port of {host} can be listened on"))?
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} of {host} is in use: {what_to_do}")
        }
        bound => bound.with_context(|| format!("port {port} of {host} can't be listened on"))?,
    };
    state.keep_port(listener.local_addr()?.port())?;
    Ok(listener)
}
