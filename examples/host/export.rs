//! Writing the log to a file in its verifiable form.

use anyhow::{Context, Result};
use leviathan_core::log::{ExportLine, Head, Position};
use leviathan_core::store::EventStore;
use std::num::NonZeroUsize;
use std::path::Path;
use tokio::io::AsyncWriteExt;

/// How many events are in memory at once.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// Writes the log up to `head`. The file is durable after that.
pub(crate) async fn export(store: &dyn EventStore, head: Head, file: &Path) -> Result<()> {
    let failed = || format!("the log can't be exported to {}", file.display());
    write(store, head, file).await.with_context(failed)
}

async fn write(store: &dyn EventStore, head: Head, file: &Path) -> Result<()> {
    let mut out = tokio::io::BufWriter::new(tokio::fs::File::create(file).await?);
    let (mut after, mut lines) = (Position::START, Vec::new());
    while after < head.position {
        let due = usize::try_from(head.position.get() - after.get()).unwrap_or(usize::MAX);
        let page = store.read(after, NonZeroUsize::new(due).map_or(PAGE, |due| due.min(PAGE))).await?;
        after = page.last().context("the log is shorter than it was")?.head.position;
        lines.clear();
        page.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut lines));
        out.write_all(&lines).await?;
    }
    out.flush().await?;
    Ok(out.into_inner().sync_all().await?)
}
