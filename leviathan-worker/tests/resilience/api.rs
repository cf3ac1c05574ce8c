//! `Api`: the control plane's API on a socket, which can go away and come back.

use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::{Ledger, Secret};
use leviathan_http::server::{ApiState, Tokens, router};
use leviathan_test_forge::Gate;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

pub(crate) const WORKER: &str = "worker-s3cret";

/// The API on a socket that stays the same.
pub(crate) struct Api {
    address: SocketAddr,
    gate: Gate,
    ledger: Ledger,
    artifacts: Arc<MemoryArtifactStore>,
    /// Its own, so that nothing of it goes on when it goes.
    running: Mutex<Option<Runtime>>,
}

impl Api {
    /// Knows where it will be. Nobody listens there yet.
    pub(crate) fn away(gate: &Gate, ledger: &Ledger, artifacts: &Arc<MemoryArtifactStore>) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (gate, ledger, artifacts) = (gate.clone(), ledger.clone(), artifacts.clone());
        Self { address, gate, ledger, artifacts, running: Mutex::default() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// It serves from now on.
    pub(crate) async fn come(&self) {
        self.come_for(WORKER).await;
    }

    /// It serves from now on, to workers with this token.
    pub(crate) async fn come_for(&self, worker_token: &str) {
        let tokens =
            Tokens::new(vec![Secret::new("operator-s3cret")], vec![Secret::new(worker_token)]).unwrap();
        let state = ApiState::new(self.ledger.clone(), self.artifacts.clone(), tokens);
        let router = self.gate.before("api", router(state));
        let listener = self.bind().await;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        *self.running.lock().unwrap() = Some(runtime);
    }

    /// Nobody listens any more, and who was being served hears no more.
    pub(crate) fn go(&self) {
        let running = self.running.lock().unwrap().take().expect("it was there");
        running.shutdown_background();
    }

    async fn bind(&self) -> TcpListener {
        let bound = async {
            loop {
                // It may take a moment until the one before has let go.
                if let Ok(listener) = TcpListener::bind(self.address) {
                    break listener;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let listener = tokio::time::timeout(Duration::from_secs(60), bound).await.expect("its port is free");
        listener.set_nonblocking(true).unwrap();
        listener
    }
}

impl Drop for Api {
    /// A runtime must not be waited for where others run.
    fn drop(&mut self) {
        if let Some(running) = self.running.lock().unwrap().take() {
            running.shutdown_background();
        }
    }
}
