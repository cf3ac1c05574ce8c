//! `PostgresLog`: a log that several hosts share.

use super::cli::Cli;
use super::progress::Progress;
use super::state_dir::StateDir;
use anyhow::{Context, Result};
use futures::TryStreamExt;
use leviathan_core::log::Position;
use leviathan_core::store::EventStore;
use leviathan_core::{Leadership, Ledger, Secret};
use leviathan_pg::{PgEventStore, Snapshots};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

/// A log in Postgres, and the state directory that only one host may use all the same.
pub(crate) struct PostgresLog {
    store: PgEventStore,
    lease: Duration,
    snapshots: Snapshots,
    _state: std::fs::File,
}

/// Where the database is. It may hold a password.
pub(crate) fn url(cli: &Cli) -> Result<Secret> {
    let url = cli.postgres_url.as_deref().filter(|url| !url.is_empty());
    let url = url.context("there is no database: LEVIATHAN_POSTGRES_URL says where the log is kept")?;
    Ok(Secret::new(url))
}

impl PostgresLog {
    pub(crate) async fn open(cli: &Cli, state: &StateDir, name: &str, progress: &Progress) -> Result<Self> {
        let held = state.hold()?;
        let name = cli.log.as_deref().unwrap_or(name);
        let store = PgEventStore::connect(url(cli)?.expose(), name).await?;
        progress.line(&format!("log     {name:?} in Postgres"));
        let lease = Duration::from_secs(cli.lease.get().into());
        let snapshots = Snapshots::of(&store).with_due(cli.snapshot_every.get());
        Ok(Self { store, lease, snapshots, _state: held })
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }

    pub(crate) fn leadership(&self) -> Leadership {
        Leadership::Lease(self.lease)
    }

    pub(crate) async fn newest_snapshot(&self) -> Option<Vec<u8>> {
        self.snapshots.newest().await
    }

    pub(crate) fn keep_snapshots(&self, ledger: Ledger) -> JoinHandle<()> {
        tokio::spawn(self.snapshots.clone().keep(ledger))
    }

    pub(crate) async fn export(&self, file: &Path) -> Result<()> {
        let mut lines = pin!(self.store.export(Position::START).await?);
        let mut out = tokio::io::BufWriter::new(tokio::fs::File::create(file).await?);
        while let Some(line) = lines.try_next().await? {
            out.write_all(&line).await?;
        }
        out.flush().await?;
        Ok(out.into_inner().sync_all().await?)
    }
}
