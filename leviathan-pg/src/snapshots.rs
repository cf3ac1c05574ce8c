//! `Snapshots`: a log's graph, kept so that the next start reads only what stands behind it.

use super::PgEventStore;
use super::snapshot_table::SnapshotTable;
use leviathan_core::Ledger;
use leviathan_core::graph::Graph;
use leviathan_core::log::{Position, Verifier};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// How many events are read at a time.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
/// A snapshot is due when the log has grown by this many events, and by its [`SHARE`]th part.
const DUE: u64 = 10_000;
/// Making one takes time in proportion to the graph, so the longer the log, the rarer they are: a start replays at most a
/// fifth of it.
const SHARE: u64 = 4;
/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_secs(60);

/// Snapshots of one log's graph in its database: the newest of each version of the projection, shared by all programs of
/// that version. They are a cache. What does not fit the program or the log is thrown away, and what can't be read or
/// written is warned of and does no more harm than a longer start.
///
/// Whoever may write them decides what a program takes for its graph, so keep that to the programs' role.
///
/// ```no_run
/// # use leviathan_core::{Clock, Ledger, NewLog};
/// # use leviathan_pg::{PgEventStore, Snapshots};
/// # use std::sync::Arc;
/// # async fn open(store: PgEventStore, clock: Arc<dyn Clock>, new: NewLog) -> Result<(), leviathan_core::LedgerError> {
/// let snapshots = Snapshots::of(&store);
/// let newest = snapshots.newest().await;
/// let (ledger, task) = Ledger::open_with(Arc::new(store), clock, new, newest.as_deref()).await?;
/// tokio::spawn(task.run());
/// tokio::spawn(snapshots.keep(ledger.clone()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Snapshots {
    store: PgEventStore,
    table: SnapshotTable,
    due: u64,
}

impl Snapshots {
    /// Those of a store's log.
    pub fn of(store: &PgEventStore) -> Self {
        Self { store: store.clone(), table: SnapshotTable(store.reader()), due: DUE }
    }

    /// The same, with another number of events after which one is due at the earliest; 10,000 unless this is called.
    #[must_use]
    pub fn with_due(self, events: u64) -> Self {
        Self { due: events.max(1), ..self }
    }

    /// The newest one, for [`Ledger::open_with`], which looks whether it fits. None if there is none, and none with a
    /// warning if it can't be read.
    pub async fn newest(&self) -> Option<Vec<u8>> {
        match self.table.newest().await {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!(%error, "there is no snapshot: the log is read from its start");
                None
            }
        }
    }

    /// Keeps a snapshot whenever one is due, for as long as the ledger works; spawn it, and abort it to stop.
    ///
    /// Each is made of the one before it and the log behind that, on a thread of its own. The graph of `ledger` is only
    /// asked how far it is, and is held up by nothing; while one is made there is a second graph in memory, and its bytes.
    /// Of several processes that do this the first one keeps it, and the others find that none is due.
    pub async fn keep(self, ledger: Ledger) {
        loop {
            let last = self.table.position().await;
            let kept = match last {
                Ok(last) => {
                    let due = self.due.max(last.get() / SHARE);
                    ledger.moved_past(Position::new(last.get().saturating_add(due - 1))).await;
                    if ledger.stopped().is_some() {
                        return;
                    }
                    self.keep_if_due(&ledger, last).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = kept {
                tracing::warn!(%error, "no snapshot was kept; the next start takes longer");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Keeps one of the graph as it is now, unless another process has kept one since `last` was the newest.
    async fn keep_if_due(&self, ledger: &Ledger, last: Position) -> Result<(), StoreError> {
        if self.table.position().await? != last {
            return Ok(());
        }
        let until = ledger.read(|graph| graph.head().position);
        let (this, runtime) = (self.clone(), Handle::current());
        let made = spawn_blocking(move || {
            let graph = runtime.block_on(this.project(until))?;
            Ok((graph.head().position, graph.snapshot()))
        });
        let ended = |error| {
            StoreError::new(StoreErrorKind::Unavailable, format_args!("making a snapshot ended: {error}"))
        };
        let (position, bytes) = made.await.map_err(ended)??;
        self.table.keep(position, &bytes).await?;
        tracing::info!(%position, bytes = bytes.len(), "kept a snapshot of the graph");
        Ok(())
    }

    /// The graph up to `until` or somewhat further.
    async fn project(&self, until: Position) -> Result<Graph, StoreError> {
        let mut graph = self.fitting().await?.unwrap_or_default();
        while graph.head().position < until {
            let page = self.store.read(graph.head().position, PAGE).await?;
            let mut verifier = Verifier::new(graph.head());
            for event in &page {
                if !verifier.accept(event.head, event.body.leaf()) {
                    return Err(self.damaged(event.head.position));
                }
                graph.evolve(event);
            }
            if page.is_empty() {
                return Err(self.damaged(until));
            }
        }
        Ok(graph)
    }

    /// The graph of the newest snapshot, if the log has its hash at its position.
    async fn fitting(&self) -> Result<Option<Graph>, StoreError> {
        let newest = self.table.newest().await?;
        let Some(graph) = newest.and_then(|bytes| Graph::from_snapshot(&bytes).ok()) else { return Ok(None) };
        let there = self.store.get(&[graph.head().position]).await?;
        Ok(there.first().is_some_and(|event| event.head == graph.head()).then_some(graph))
    }

    fn damaged(&self, position: Position) -> StoreError {
        let log = self.store.log_name();
        let message = format_args!("the log {log:?} does not verify at position {position}");
        StoreError::new(StoreErrorKind::Corrupt, message)
    }
}
