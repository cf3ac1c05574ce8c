//! `Board`: the table, where everybody reads and writes it.

use super::table::Table;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// The table of all that is known, and word of its changes.
#[derive(Debug)]
pub(super) struct Board {
    table: Mutex<Table>,
    changed: watch::Sender<()>,
}

impl Board {
    pub(super) fn new(table: Table) -> Self {
        Self { table: Mutex::new(table), changed: watch::Sender::new(()) }
    }

    pub(super) fn read<R>(&self, read: impl FnOnce(&Table) -> R) -> R {
        // The table stays whole where a panic hit its reader.
        read(&self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Table) -> R) -> R {
        let result = change(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_replace(());
        result
    }

    /// The same without word of it, for what calls for nothing.
    pub(super) fn change_quietly<R>(&self, change: impl FnOnce(&mut Table) -> R) -> R {
        change(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Word of each change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Waits until `seen` gives something.
    pub(super) async fn until<R>(&self, seen: impl Fn(&Table) -> Option<R>) -> Option<R> {
        let mut changes = self.changes();
        loop {
            if let Some(result) = self.read(&seen) {
                return Some(result);
            }
            changes.changed().await.ok()?;
        }
    }
}
