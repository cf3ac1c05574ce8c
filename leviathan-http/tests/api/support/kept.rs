//! `Kept`: where a control plane keeps its log and its artifacts.

use leviathan_core::artifact::{ArtifactStore, MemoryArtifactStore};
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_local::artifacts::ObjectArtifactStore;
use leviathan_local::events::FileEventStore;
use leviathan_pg::PgEventStore;
use leviathan_test_postgres::Server;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

/// The variable that says where tests keep what they keep.
pub(crate) const KEPT: &str = "LEVIATHAN_TEST_KEPT";

/// Where a control plane keeps its log and its artifacts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept {
    Memory,
    /// In files of this machine.
    Embedded,
    /// The log in Postgres, the artifacts in memory.
    Postgres,
}

/// An empty log and no artifacts.
pub(crate) struct Stores {
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) artifacts: Arc<dyn ArtifactStore>,
    /// Removed with it.
    pub(crate) folder: Option<TempDir>,
}

impl Kept {
    /// Which of them a test uses that does not choose: memory, unless the environment says otherwise.
    pub(crate) fn usual() -> Self {
        match std::env::var(KEPT).as_deref() {
            Err(_) => Self::Memory,
            Ok("embedded") => Self::Embedded,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("{KEPT} is {other}, and nothing is kept so"),
        }
    }

    pub(crate) async fn open(self) -> Stores {
        let artifacts = Arc::new(MemoryArtifactStore::default());
        match self {
            Self::Memory => Stores { events: Arc::new(MemoryEventStore::default()), artifacts, folder: None },
            Self::Embedded => {
                let folder = tempfile::tempdir().unwrap();
                let (events, _) = FileEventStore::open(folder.path().join("events")).unwrap();
                let artifacts = ObjectArtifactStore::in_directory(folder.path().join("artifacts")).unwrap();
                Stores { events: Arc::new(events), artifacts: Arc::new(artifacts), folder: Some(folder) }
            }
            Self::Postgres => {
                let events = PgEventStore::connect(database(), &log_name()).await.unwrap();
                Stores { events: Arc::new(events), artifacts, folder: None }
            }
        }
    }
}

/// The database of this process, in which each log has a name of its own.
fn database() -> &'static str {
    static DATABASE: OnceLock<String> = OnceLock::new();
    DATABASE.get_or_init(|| Server::shared().unwrap_or_else(|why| panic!("{why}")).new_database().unwrap())
}

fn log_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("log-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
