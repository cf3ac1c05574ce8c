//! `PostgresLog`: a log that several hosts share.

use super::cli::Cli;
use super::progress::Progress;
use super::state_dir::StateDir;
use anyhow::{Context, Result};
use futures::TryStreamExt;
use leviathan_core::log::Position;
use leviathan_core::store::EventStore;
use leviathan_core::{Leadership, Secret};
use leviathan_pg::PgEventStore;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// A log in Postgres, and the state directory that only one host may use all the same.
pub(crate) struct PostgresLog {
    store: PgEventStore,
    lease: Duration,
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
        Ok(Self { store, lease: Duration::from_secs(cli.lease.get().into()), _state: held })
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }

    pub(crate) fn leadership(&self) -> Leadership {
        Leadership::Lease(self.lease)
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
