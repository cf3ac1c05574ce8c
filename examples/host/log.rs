//! `Log`: the host's log, kept in its state directory or in Postgres.

use super::cli::{Backend, Cli};
use super::progress::Progress;
use super::state_dir::StateDir;
use anyhow::{Context, Result};
use leviathan_core::log::Position;
use leviathan_core::store::EventStore;
use leviathan_core::{Leadership, Ledger};
use leviathan_local::events::FileEventStore;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// An open log.
pub(crate) enum Log {
    /// In the state directory, for this host alone.
    Embedded(Arc<FileEventStore>),
    /// In a database, for any number of hosts.
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PostgresLog),
}

impl Log {
    /// Refuses what this program can't open, before anything is made.
    pub(crate) fn check(cli: &Cli) -> Result<()> {
        match cli.backend {
            Backend::Embedded => Ok(()),
            #[cfg(feature = "postgres")]
            Backend::Postgres => super::postgres::url(cli).map(drop),
            #[cfg(not(feature = "postgres"))]
            Backend::Postgres => anyhow::bail!(
                "this program was built without Postgres; build it with the feature: \
                 cargo run --features postgres --example scheduler"
            ),
        }
    }

    /// Opens the log `name`.
    pub(crate) async fn open(cli: &Cli, state: &StateDir, name: &str, progress: &Progress) -> Result<Self> {
        #[cfg(feature = "postgres")]
        if cli.backend == Backend::Postgres {
            return super::postgres::PostgresLog::open(cli, state, name, progress).await.map(Self::Postgres);
        }
        #[cfg(not(feature = "postgres"))]
        let _ = (cli, name);
        let (store, recovery) = FileEventStore::open(state.log())?;
        if let Some(torn) = recovery.torn {
            progress.line(&format!("log     {torn}"));
        }
        Ok(Self::Embedded(Arc::new(store)))
    }

    /// The seam to it.
    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        match self {
            Self::Embedded(store) => store.clone(),
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.store(),
        }
    }

    /// How its scheduler knows that no other does the same work.
    pub(crate) fn leadership(&self) -> Leadership {
        match self {
            Self::Embedded(_) => Leadership::Exclusive,
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.leadership(),
        }
    }

    /// The newest snapshot of its graph, where there is one to go on from.
    pub(crate) async fn newest_snapshot(&self) -> Option<Vec<u8>> {
        match self {
            Self::Embedded(_) => None,
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.newest_snapshot().await,
        }
    }

    /// Keeps snapshots of its graph, where that is done, until it is aborted.
    pub(crate) fn keep_snapshots(&self, ledger: &Ledger) -> Option<JoinHandle<()>> {
        let _ = ledger;
        match self {
            Self::Embedded(_) => None,
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => Some(log.keep_snapshots(ledger.clone())),
        }
    }

    /// Writes it to a file in its verifiable form.
    pub(crate) async fn export(&self, file: &Path) -> Result<()> {
        let exported = match self {
            Self::Embedded(store) => export(store.clone(), file).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.export(file).await,
        };
        exported.with_context(|| format!("the log can't be exported to {}", file.display()))
    }
}

async fn export(store: Arc<FileEventStore>, file: &Path) -> Result<()> {
    let file = file.to_owned();
    let exported = tokio::task::spawn_blocking(move || -> Result<()> {
        let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
        store.export(Position::START, &mut out)?;
        Ok(out.into_inner()?.sync_all()?)
    });
    exported.await?
}
