//! `Shared`: what requests and tasks of one executor share.

use super::board::Board;
use super::cluster::Cluster;
use super::once::Once;
use super::table::Table;
use crate::config::Config;
use leviathan_core::executor::ExecutorError;
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};

/// What requests and tasks of one executor share.
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) cluster: Cluster,
    pub(super) board: Arc<Board>,
    /// Told of each change of a Job, where pods may not be watched.
    pub(super) pods_poke: tokio::sync::Notify,
    /// How many logs are read at once, after their workers' ends.
    pub(super) log_slots: Semaphore,
    pub(super) secrets_allowed: OnceCell<()>,
    pub(super) no_secrets: Once,
    pub(super) no_pod_deletes: Once,
    pub(super) no_events: Once,
}

const LOGS_AT_ONCE: usize = 8;
/// How many logs are followed at once, each over a connection of its own, and how many bytes they may come to.
const FOLLOWS: usize = 128;
const FOLLOWED_BYTES: usize = 256 << 20;

impl Shared {
    pub(super) fn new(config: Config, client: kube::Client) -> Self {
        let follows = FOLLOWS.min(FOLLOWED_BYTES / config.log_limit.max(1));
        let table = Table::new(config.fleet.clone(), config.patience, config.tokens.is_some(), follows);
        Self {
            cluster: Cluster::new(client, &config),
            board: Arc::new(Board::new(table)),
            pods_poke: tokio::sync::Notify::new(),
            log_slots: Semaphore::new(LOGS_AT_ONCE),
            secrets_allowed: OnceCell::new(),
            no_secrets: Once::default(),
            no_pod_deletes: Once::default(),
            no_events: Once::default(),
            config,
        }
    }

    /// Waits until it is known what the cluster holds, for as long as one answer may take.
    pub(super) async fn synced(&self) -> Result<(), ExecutorError> {
        let synced = self.board.until(|table| table.is_synced().then_some(()));
        match tokio::time::timeout(self.cluster.call_timeout, synced).await {
            Ok(Some(())) => Ok(()),
            Ok(None) | Err(_) => {
                let trouble = self.board.read(|table| table.trouble().map(str::to_owned));
                Err(ExecutorError::unavailable(trouble.unwrap_or_else(|| {
                    "what the cluster holds is not known yet: its Jobs and pods are still being listed"
                        .to_owned()
                })))
            }
        }
    }
}
