//! The embedded event store.

mod child;
mod conformance;
mod damage;
mod export;
mod failing_disk;
mod holder;
mod killed;
mod torn_tail;

use leviathan_core::log::{EventBody, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_local::events::FileEventStore;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory in memory where the system has one, for tests that open hundreds of logs and need no disk.
fn quick_directory() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

/// Events behind `head`, with bodies that name what they are for.
fn events(head: Head, count: usize, name: &str) -> Vec<SealedEvent> {
    let body =
        |n: usize| format!("{{\"event_id\":\"{name}-{n}\",\"payload\":{{\"n\":{n},\"text\":\"é\\\"}}\"}}}}");
    SealedEvent::chain(head, (0..count).map(|n| EventBody::seal(body(n).into())))
}

/// Appends that many events at the log's end.
async fn append(store: &FileEventStore, count: usize, name: &str) -> Vec<SealedEvent> {
    let head = store.head();
    let events = events(head, count, name);
    store.append(&head, &events).await.unwrap();
    events
}

async fn read_all(store: &FileEventStore) -> Vec<RecordedEvent> {
    store.read(Position::START, NonZeroUsize::MAX).await.unwrap()
}

fn recorded(events: &[SealedEvent]) -> Vec<RecordedEvent> {
    events.iter().cloned().map(SealedEvent::recorded).collect()
}

/// The segments in `directory`, in order.
fn segments(directory: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "ndjson")).collect();
    segments.sort();
    segments
}
