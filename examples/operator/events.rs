//! The log: its events for people and programs, and its verifiable form.

use super::output::Output;
use super::tables;
use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt};
use leviathan_core::log::Position;
use leviathan_http::client::{Asking, ControlPlane};
use leviathan_http::view::EventView;
use std::io::IsTerminal;
use std::path::Path;
use std::pin::pin;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// The most that one page has.
const PAGE: u64 = 1000;

pub(crate) async fn show(
    control_plane: &ControlPlane,
    asking: Asking<'_>,
    after: Option<u64>,
    limit: u64,
    follow: bool,
    output: Output,
) -> Result<()> {
    let mut last = Position::new(after.unwrap_or_default());
    if after.is_none() || !follow {
        for event in some(asking, after, limit).await? {
            output.show(&event, tables::event)?;
            last = event.position;
        }
    }
    if !follow {
        return Ok(());
    }
    let mut coming = pin!(control_plane.follow(last));
    while let Some(event) = coming.next().await {
        output.show(&event?, tables::event)?;
    }
    Ok(())
}

/// As many as were asked for: the newest, or those behind a position. Oldest first.
async fn some(asking: Asking<'_>, after: Option<u64>, limit: u64) -> Result<Vec<EventView>> {
    let Some(after) = after else {
        let mut newest = asking.recent_events(limit.min(PAGE)).await?;
        newest.reverse();
        return Ok(newest);
    };
    let (mut all, mut after) = (Vec::new(), Position::new(after));
    while let Some(due) = Some(limit.saturating_sub(all.len() as u64)).filter(|due| *due > 0) {
        let page = asking.events(after, due.min(PAGE)).await?;
        if page.events.is_empty() {
            break;
        }
        after = page.next_after;
        all.extend(page.events);
    }
    Ok(all)
}

/// Writes the log to a file, which appears once it is whole, or to standard output.
pub(crate) async fn export(asking: Asking<'_>, after: u64, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else {
        // It must keep every byte, and a terminal would obey some of what workers wrote.
        ensure!(!std::io::stdout().is_terminal(), "the log is not shown on a terminal: name a file for it");
        return write(asking, after, tokio::io::stdout()).await;
    };
    let failed = || format!("the log can't be written to {}", file.display());
    let part = file.with_added_extension("part");
    let written = async {
        let out = tokio::fs::File::create(&part).await.with_context(failed)?;
        let durable = out.try_clone().await.with_context(failed)?;
        write(asking, after, out).await?;
        durable.sync_all().await.with_context(failed)?;
        tokio::fs::rename(&part, file).await.with_context(failed)
    };
    let written = written.await;
    if written.is_err() {
        // It may not be there.
        let _ = tokio::fs::remove_file(&part).await;
    }
    written
}

async fn write(asking: Asking<'_>, after: u64, out: impl AsyncWrite) -> Result<()> {
    let mut out = pin!(out);
    let mut export = asking.export(Position::new(after)).await?;
    let mut lines = 0;
    while let Some(chunk) = export.bytes.try_next().await? {
        lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
        out.write_all(&chunk).await?;
    }
    out.flush().await?;
    let due = export.head.position.get().saturating_sub(after);
    ensure!(lines == due, "the export broke off: it has {lines} of {due} events");
    Ok(())
}
