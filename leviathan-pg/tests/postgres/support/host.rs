//! `Host`: a ledger over a store, with its task running.

use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::decide::Command;
use leviathan_core::id::LogId;
use leviathan_core::log::Hash;
use leviathan_core::{Clock, Ledger, NewLog, Receipt, SubmitError, Timestamp};
use leviathan_pg::PgEventStore;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The machine's time.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// A ledger, and the task behind it.
pub(crate) struct Host {
    pub(crate) ledger: Ledger,
    _task: JoinHandle<()>,
}

impl Host {
    /// Opens the log, and begins it if need be.
    pub(crate) async fn open(store: &PgEventStore) -> Self {
        let new = NewLog { log_id: LogId::from_u128(7), name: "tests".to_owned() };
        let (ledger, task) = Ledger::open(Arc::new(store.clone()), Arc::new(SystemClock), new).await.unwrap();
        Self { ledger, _task: tokio::spawn(task.run()) }
    }

    pub(crate) async fn submit(&self, command: Command) -> Result<Receipt, SubmitError> {
        self.ledger.submit(command).await
    }

    /// Submits until it is recorded, as a worker posts its bundle; gives the receipt of the last time.
    pub(crate) async fn insist(&self, command: Command) -> Receipt {
        loop {
            match self.submit(command.clone()).await {
                Ok(receipt) => return receipt,
                Err(SubmitError::Unavailable(_) | SubmitError::Overloaded { .. }) => {
                    tokio::task::yield_now().await
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn digest(&self) -> Hash {
        self.ledger.read(|graph| graph.digest())
    }
}
