//! After a failed write or sync nothing more is written, until the log is opened again.

use super::{append, child, events, read_all, recorded};
use crate::block_on;
use leviathan_core::log::SealedEvent;
use leviathan_core::store::{EventStore, StoreErrorKind};
use leviathan_local::events::{FileEventStore, Recovery};
use tempfile::TempDir;

#[test]
fn a_full_disk_refuses_appends_until_the_log_is_opened_again() {
    let directory = TempDir::new().unwrap();
    let mut child = child::spawn("meets_a_full_disk", directory.path(), &[("WRITE_ENOSPC", "3".to_owned())]);
    assert_eq!(child.next_word("survived").as_deref(), Some("the full disk"));
    assert!(child.end().success());
}

#[test]
fn a_failed_sync_leaves_the_append_unknown_and_refuses_all_others() {
    let directory = TempDir::new().unwrap();
    let mut child = child::spawn("meets_a_failing_sync", directory.path(), &[("SYNC_EIO", "3".to_owned())]);
    assert_eq!(child.next_word("survived").as_deref(), Some("the failing sync"));
    assert!(child.end().success());
}

/// Two good appends, a third that fails, and what everybody is told after it.
async fn fails_at_the_third(
    store: &FileEventStore,
    kind: StoreErrorKind,
    message: &str,
) -> (Vec<SealedEvent>, Vec<SealedEvent>) {
    let good = [append(store, 2, "first").await, append(store, 3, "second").await].concat();
    let head = store.head();
    let lost = events(head, 2, "third");
    let error = store.append(&head, &lost).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(message), "{error}");
    assert!(error.to_string().contains(child::directory().to_str().unwrap()), "{error}");

    for _ in 0..2 {
        let error = store.append(&head, &lost).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        assert!(error.to_string().contains("must be opened again"), "{error}");
        assert_eq!(store.settled(lost[0].head.position).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    }
    assert_eq!(store.head(), head);
    assert_eq!(read_all(store).await, recorded(&good), "what is durable stays readable, and nothing else is");
    (good, lost)
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn meets_a_full_disk() {
    block_on(async {
        let (store, _) = FileEventStore::open(child::directory()).unwrap();
        let (good, lost) = fails_at_the_third(&store, StoreErrorKind::Unavailable, "No space left").await;
        drop(store);
        let (store, recovery) = FileEventStore::open(child::directory()).unwrap();
        assert_eq!(recovery.head, good[4].head);
        assert!(recovery.torn.is_some(), "half of the third append was written");
        assert_eq!(store.settled(lost[0].head.position).await.unwrap(), None);
        let more = append(&store, 1, "with room again").await;
        assert_eq!(read_all(&store).await, recorded(&[good, more].concat()));
    });
    child::say("survived", "the full disk");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn meets_a_failing_sync() {
    block_on(async {
        let (store, _) = FileEventStore::open(child::directory()).unwrap();
        let (good, lost) =
            fails_at_the_third(&store, StoreErrorKind::Unknown, "may not have reached the disk").await;
        drop(store);
        // It is all there, and opening syncs it before it shows it.
        let (store, recovery) = FileEventStore::open(child::directory()).unwrap();
        assert_eq!(recovery, Recovery { head: lost[1].head, torn: None });
        assert_eq!(store.settled(lost[1].head.position).await.unwrap(), Some(lost[1].head.hash));
        let more = append(&store, 1, "on a disk that works").await;
        assert_eq!(read_all(&store).await, recorded(&[good, lost, more].concat()));
    });
    child::say("survived", "the failing sync");
}
