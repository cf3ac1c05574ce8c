//! `Log`: a program's log, kept in a directory or in Postgres, and the ledger over it.

mod place;
#[cfg(feature = "postgres")]
mod postgres;

pub(crate) use place::LogPlace;

use anyhow::{Result, bail};
use leviathan_core::id::LogId;
use leviathan_core::store::EventStore;
use leviathan_core::{Ledger, NewLog};
use leviathan_http::server::Metrics;
use leviathan_local::SystemClock;
use leviathan_local::events::FileEventStore;
use std::sync::Arc;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What is said where a log in Postgres is asked for that this program can't open.
const NOT_BUILT_IN: &str = "this program was built without Postgres; build it with the feature: \
    cargo run --features postgres --example NAME";

/// An open log.
pub(crate) enum Log {
    /// In a directory, for this process alone.
    Embedded(Arc<FileEventStore>),
    /// In a database, for any number of processes.
    #[cfg(feature = "postgres")]
    Postgres(postgres::PostgresLog),
}

impl Log {
    /// Opens it. What was found torn at its end is said with it.
    pub(crate) async fn open(place: &LogPlace) -> Result<(Self, Option<String>)> {
        match place {
            LogPlace::Directory(directory) => {
                let (store, recovery) = FileEventStore::open(directory)?;
                Ok((Self::Embedded(Arc::new(store)), recovery.torn.map(|torn| torn.to_string())))
            }
            #[cfg(feature = "postgres")]
            LogPlace::Database { url, log, snapshot_every } => {
                let log = postgres::PostgresLog::open(url, log, *snapshot_every).await?;
                Ok((Self::Postgres(log), None))
            }
            #[cfg(not(feature = "postgres"))]
            LogPlace::Database { .. } => bail!(NOT_BUILT_IN),
        }
    }

    /// Opens its ledger, which works until the last handle is dropped. A log that is empty begins under `name`.
    /// What is asked of its store is counted.
    pub(crate) async fn open_ledger(
        &self,
        name: &str,
        metrics: &Metrics,
    ) -> Result<(Ledger, JoinHandle<()>)> {
        let log_id = LogId::from_u128(Uuid::new_v4().as_u128());
        let new = NewLog { log_id, name: name.to_owned() };
        let snapshot = self.newest_snapshot().await;
        let store = metrics.metered(self.store());
        let (ledger, task) =
            Ledger::open_with(store, Arc::new(SystemClock), new, snapshot.as_deref()).await?;
        Ok((ledger, tokio::spawn(task.run())))
    }

    /// The seam to it.
    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        match self {
            Self::Embedded(store) => store.clone(),
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.store(),
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

    /// The newest snapshot of its graph, where there is one to go on from.
    async fn newest_snapshot(&self) -> Option<Vec<u8>> {
        match self {
            Self::Embedded(_) => None,
            #[cfg(feature = "postgres")]
            Self::Postgres(log) => log.newest_snapshot().await,
        }
    }
}

/// Refuses a database that this program can't open.
pub(crate) fn check_built_in() -> Result<()> {
    if cfg!(feature = "postgres") { Ok(()) } else { bail!(NOT_BUILT_IN) }
}
