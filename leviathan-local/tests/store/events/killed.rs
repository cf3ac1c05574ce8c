//! Whatever kills the process, what was acknowledged is there.

use super::{child, events, read_all};
use crate::block_on;
use leviathan_core::log::{Head, Verifier};
use leviathan_core::store::EventStore;
use leviathan_local::events::{FileEventStore, Recovery};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use tempfile::TempDir;

#[test]
fn after_kill_9_at_any_moment_every_acknowledged_event_is_there() {
    let directory = TempDir::new().unwrap();
    let mut torn = 0;
    for round in 0..30 {
        let mut child = child::spawn("appends_until_killed", directory.path(), &[]);
        let mut acknowledged = None;
        for _ in 0..=(round * 7) % 40 {
            acknowledged = child.next_word("acknowledged");
        }
        child.kill();
        while let Some(more) = child.next_word("acknowledged") {
            acknowledged = Some(more);
        }
        let recovery = holds(directory.path(), acknowledged.expect("it acknowledged some"));
        torn += usize::from(recovery.torn.is_some());
    }
    println!("{torn} of 30 rounds ended within a write");
}

#[test]
fn killed_within_a_write_the_append_is_not_there() {
    for nth in [1, 2, 5, 9] {
        let (directory, acknowledged) = killed_by("KILL_WRITE", nth);
        let recovery = holds(directory.path(), acknowledged.clone());
        assert_eq!(recovery.head.to_string(), acknowledged);
        assert!(recovery.torn.is_some(), "the torn append is said");
    }
}

#[test]
fn killed_before_or_after_a_sync_the_append_is_whole() {
    for when in ["KILL_BEFORE_SYNC", "KILL_AFTER_SYNC"] {
        for nth in [1, 2, 5, 9] {
            let (directory, acknowledged) = killed_by(when, nth);
            let recovery = holds(directory.path(), acknowledged.clone());
            // The process died, not the machine: what was written is there, though nobody was told.
            let last: Head = acknowledged.parse().unwrap();
            assert!(recovery.head.position > last.position, "{when} {nth}");
            assert_eq!(recovery.torn, None);
        }
    }
}

/// Runs until the `nth` write or sync kills it. Gives the last acknowledged head.
fn killed_by(fault: &str, nth: u32) -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let mut child = child::spawn("appends_until_killed", directory.path(), &[(fault, nth.to_string())]);
    let mut acknowledged = vec![Head::EMPTY.to_string()];
    while let Some(head) = child.next_word("acknowledged") {
        acknowledged.push(head);
    }
    assert_eq!(child.end().signal(), Some(9), "{fault} {nth}");
    assert_eq!(acknowledged.len(), nth as usize, "each append is one write and one sync");
    (directory, acknowledged.pop().unwrap())
}

/// Opens the log, and checks that it is a whole chain that goes through the acknowledged head.
#[track_caller]
fn holds(directory: &Path, acknowledged: String) -> Recovery {
    let acknowledged: Head = acknowledged.parse().unwrap();
    let (store, recovery) = FileEventStore::open(directory).unwrap();
    let all = block_on(read_all(&store));
    let mut verifier = Verifier::new(Head::EMPTY);
    let mut found = acknowledged == Head::EMPTY;
    for event in &all {
        assert!(verifier.accept(event.head, event.body.leaf()), "{}", event.head);
        found |= event.head == acknowledged;
    }
    assert!(found, "{acknowledged} was acknowledged and is not in a log that ends at {}", recovery.head);
    assert_eq!(verifier.head(), recovery.head);
    recovery
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn appends_until_killed() {
    block_on(async {
        // Small segments, so that some rounds end where a new one is begun.
        let (store, _) = FileEventStore::open_with(child::directory(), 20_000).unwrap();
        for round in 0..10_000_usize {
            let head = store.head();
            let events = events(head, 1 + round % 12, "killed");
            store.append(&head, &events).await.unwrap();
            child::say("acknowledged", store.head());
        }
    });
    panic!("nobody killed it");
}
