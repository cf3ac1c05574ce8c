//! `Serving`: a control plane on a socket of this process.

use crate::Outcome;
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::id::LogId;
use leviathan_core::store::EventStore;
use leviathan_core::{Ledger, NewLog, Secret};
use leviathan_http::server::{ApiState, Metrics, Tokens, router, serve};
use leviathan_local::SystemClock;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A control plane on a socket of this process, as a host serves it.
#[derive(Debug)]
pub struct Serving {
    /// Where it listens.
    pub at: SocketAddr,
    /// Its door to the log.
    pub ledger: Ledger,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// The token that may do everything.
    pub const TOKEN: &str = "bench";

    /// Serves the log of a store.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn start(store: Arc<dyn EventStore>) -> Outcome<Self> {
        let new = NewLog { log_id: LogId::from_u128(1), name: "bench".to_owned() };
        let metrics = Metrics::new();
        let (ledger, task) = Ledger::open(metrics.metered(store), Arc::new(SystemClock), new).await?;
        tokio::spawn(task.run());
        let tokens = Tokens::new(vec![Secret::new(Self::TOKEN)], Vec::new())?;
        let artifacts = Arc::new(MemoryArtifactStore::default());
        let state = ApiState::new(ledger.clone(), artifacts, tokens).with_metrics(metrics);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let at = listener.local_addr()?;
        let (stop, told) = oneshot::channel();
        let told = async {
            // That nobody can tell it any more tells it, too.
            let _ = told.await;
        };
        let served = tokio::spawn(serve(listener, router(state), told));
        Ok(Self { at, ledger, stop, served })
    }

    /// Serves no longer, and lets go of the store.
    ///
    /// # Errors
    /// What the listener said.
    pub async fn stop(self) -> Outcome<()> {
        let _ = self.stop.send(());
        Ok(self.served.await??)
    }
}
