//! `PostgresLog`: a log that several processes share, with snapshots of its graph.

use anyhow::Result;
use leviathan_core::store::EventStore;
use leviathan_core::{Ledger, Secret};
use leviathan_pg::{PgEventStore, Snapshots};
use std::num::NonZeroU64;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A log in Postgres.
pub(crate) struct PostgresLog {
    store: PgEventStore,
    snapshots: Snapshots,
}

impl PostgresLog {
    pub(crate) async fn open(url: &Secret, name: &str, snapshot_every: NonZeroU64) -> Result<Self> {
        let store = PgEventStore::connect(url.expose(), name).await?;
        let snapshots = Snapshots::of(&store).with_due(snapshot_every.get());
        Ok(Self { store, snapshots })
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }

    pub(crate) async fn newest_snapshot(&self) -> Option<Vec<u8>> {
        self.snapshots.newest().await
    }

    pub(crate) fn keep_snapshots(&self, ledger: Ledger) -> JoinHandle<()> {
        tokio::spawn(self.snapshots.clone().keep(ledger))
    }
}
