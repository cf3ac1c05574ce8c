//! The API itself: opens what it stands before, serves, and stops in order.

use super::settings::Settings;
use crate::interrupted::interrupted;
use crate::log::Log;
use anyhow::{Context, Result, bail};
use leviathan_http::server::{ApiState, Metrics, router, serve};
use std::io::Write;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Serves until it is told to stop, or its ledger can't go on: whoever started it starts it anew then.
pub(crate) async fn run(settings: Settings) -> Result<()> {
    let interrupted = interrupted()?;
    let Settings { tokens, log, log_name, artifacts, host, port, checkpoint_key } = settings;
    // Before the log: a port that is in use is found out at once.
    let listener = TcpListener::bind((host.as_str(), port)).await;
    let listener = listener.with_context(|| {
        format!(
            "port {port} of {host} can't be listened on: LEVIATHAN_API_HOST and LEVIATHAN_API_PORT say where"
        )
    })?;
    let artifacts = artifacts.open()?;
    let (log, torn) = Log::open(&log).await?;
    if let Some(torn) = torn {
        say(&format!("log     {torn}"))?;
    }
    let metrics = Metrics::new();
    let (ledger, mut door) = log.open_ledger(&log_name, &metrics).await?;
    let snapshots = log.keep_snapshots(&ledger);
    let mut state = ApiState::new(ledger.clone(), artifacts, tokens).with_metrics(metrics);
    if let Some(key) = checkpoint_key {
        say(&format!("key     {}", key.public()))?;
        state = state.with_checkpoint_key(key);
    }
    say(&format!("api     http://{}", listener.local_addr()?))?;

    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router(state), async { drop(stopped.await) }));
    let failed = tokio::select! {
        () = interrupted => false,
        _ = &mut door => true,
    };
    // It listens until it is told, unless it has ended already.
    let _ = stop.send(());
    serving.await.context("the API ended badly")?.context("the API ended badly")?;
    if let Some(snapshots) = snapshots {
        snapshots.abort();
    }
    if failed {
        bail!("the ledger has stopped: {}", ledger.stopped().unwrap_or_default());
    }
    drop(ledger);
    // Streams and snapshots may still let go of theirs.
    door.await.context("the ledger ended badly")
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output can't be written")
}
