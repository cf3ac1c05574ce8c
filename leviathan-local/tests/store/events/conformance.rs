//! The suite for event stores, over one segment and over many.

use crate::block_on;
use leviathan_core::conformance::Harness;
use leviathan_local::events::FileEventStore;
use std::path::PathBuf;
use tempfile::TempDir;

struct Files {
    root: TempDir,
    segment_bytes: u64,
    opened: std::sync::atomic::AtomicUsize,
}

fn files(segment_bytes: u64) -> Files {
    Files { root: TempDir::new().unwrap(), segment_bytes, opened: Default::default() }
}

impl Files {
    fn open(&self, directory: PathBuf) -> FileEventStore {
        FileEventStore::open_with(directory, self.segment_bytes).unwrap().0
    }
}

impl Harness for Files {
    type Subject = FileEventStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> FileEventStore {
        let nth = self.opened.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.open(self.root.path().join(nth.to_string()))
    }

    async fn reopen(&self, store: FileEventStore) -> Option<FileEventStore> {
        let directory = store.directory().to_owned();
        drop(store);
        Some(self.open(directory))
    }
}

mod in_one_segment {
    leviathan_core::event_store_suite!(super::files(1024 * 1024));
}

mod with_a_segment_for_each_append {
    leviathan_core::event_store_suite!(super::files(1));
}
