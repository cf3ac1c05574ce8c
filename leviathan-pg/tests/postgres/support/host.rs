//! `Host`: a ledger over a store, with its task running.

use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::decide::Command;
use leviathan_core::id::LogId;
use leviathan_core::log::Hash;
use leviathan_core::{Clock, Ledger, LedgerError, NewLog, Receipt, SubmitError, Timestamp};
use leviathan_pg::PgEventStore;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The machine's time, but that nobody waits long: what a ledger waits for is there, or it asks again.
#[derive(Debug)]
struct Hurried;

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration.min(Duration::from_millis(2))).boxed()
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
        Self::try_open(store).await.unwrap()
    }

    /// The same, as often as it takes.
    pub(crate) async fn open_in_trouble(store: &PgEventStore) -> Self {
        loop {
            match Self::try_open(store).await {
                Ok(host) => return host,
                Err(error) => println!("{error}"),
            }
        }
    }

    /// The same, or why it can't be opened.
    pub(crate) async fn try_open(store: &PgEventStore) -> Result<Self, LedgerError> {
        Self::open_with(store, None).await
    }

    /// The same, from a snapshot.
    pub(crate) async fn open_with(
        store: &PgEventStore,
        snapshot: Option<&[u8]>,
    ) -> Result<Self, LedgerError> {
        let new = NewLog { log_id: LogId::from_u128(7), name: "tests".to_owned() };
        let (ledger, task) =
            Ledger::open_with(Arc::new(store.clone()), Arc::new(Hurried), new, snapshot).await?;
        Ok(Self { ledger, _task: tokio::spawn(task.run()) })
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
                    tokio::time::sleep(Duration::from_millis(2)).await
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn digest(&self) -> Hash {
        self.ledger.read(|graph| graph.digest())
    }
}
