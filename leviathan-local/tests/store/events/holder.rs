//! One process at a time has a log open, and the next one is told which.

use super::child;
use crate::block_on;
use leviathan_local::events::{FileEventStore, OpenLogError};
use std::io::Write;
use tempfile::TempDir;

#[track_caller]
fn held_by(directory: &std::path::Path, pid: u32) {
    let error = FileEventStore::open(directory).unwrap_err();
    assert!(matches!(error, OpenLogError::InUse { .. }), "{error:?}");
    let text = error.to_string();
    let host = gethostname::gethostname().into_string().unwrap();
    assert!(text.contains(&format!("process {pid} on {host}")), "{text}");
    assert!(text.contains(directory.to_str().unwrap()), "{text}");
}

#[test]
fn opening_a_log_twice_names_the_holder() {
    let directory = TempDir::new().unwrap();
    let (store, _) = FileEventStore::open(directory.path()).unwrap();
    held_by(directory.path(), std::process::id());
    held_by(directory.path(), std::process::id());
    drop(store);
    FileEventStore::open(directory.path()).unwrap();
}

#[test]
fn another_process_that_has_the_log_open_is_named() {
    let directory = TempDir::new().unwrap();
    let mut child = child::spawn("holds_the_log", directory.path(), &[]);
    assert_eq!(child.next_word("opened").unwrap(), "0:".to_owned() + &"0".repeat(64));
    held_by(directory.path(), child.id());
    child.kill();
    FileEventStore::open(directory.path()).unwrap();
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn holds_the_log() {
    let (_store, recovery) = FileEventStore::open(child::directory()).unwrap();
    block_on(async { child::say("opened", recovery.head) });
    std::io::stdout().flush().unwrap();
    child::wait_for_the_parent();
}
