//! The API that workers report to, served within the host.

use super::progress::Progress;
use super::state_dir::StateDir;
use anyhow::{Context, Result, ensure};
use std::io::ErrorKind;
use tokio::net::TcpListener;

/// The port that is tried first where nobody says another.
const DEFAULT_PORT: u16 = 8000;

/// Binds the API's port and keeps it: a worker that outlives this host finds the next one there.
///
/// The port is the one asked for, else that of the last run, else the default one, else any that is free.
pub(crate) async fn bind(
    state: &StateDir,
    host: &str,
    asked: Option<u16>,
    progress: &Progress,
) -> Result<TcpListener> {
    let kept = state.port()?;
    let wanted = asked.or(kept).unwrap_or(DEFAULT_PORT);
    let listener = match TcpListener::bind((host, wanted)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            ensure!(asked.is_none(), "port {wanted} of {host} is in use: choose another with --port");
            if kept.is_some() {
                let told = "workers that still run leave their outcome behind, but can't report to this host";
                progress.line(&format!("api     port {wanted} of the last run is in use; {told}"));
            }
            TcpListener::bind((host, 0))
                .await
                .with_context(|| format!("no port of {host} can be listened on"))?
        }
        bound => bound.with_context(|| format!("port {wanted} of {host} can't be listened on"))?,
    };
    state.keep_port(listener.local_addr()?.port())?;
    Ok(listener)
}
