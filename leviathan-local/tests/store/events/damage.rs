//! Damage to what was acknowledged is refused with its place, and nothing is changed.

use super::{append, quick_directory, segments};
use crate::block_on;
use leviathan_core::log::Position;
use leviathan_core::store::{EventStore, StoreErrorKind};
use leviathan_local::events::{Damage, FileEventStore, OpenLogError};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A log of three batches, 2, 1 and 3 events, and its segments' bytes.
fn log(segment_bytes: u64) -> (TempDir, Vec<(PathBuf, Vec<u8>)>) {
    let directory = quick_directory();
    block_on(async {
        let (store, _) = FileEventStore::open_with(directory.path(), segment_bytes).unwrap();
        for (batch, count) in [2, 1, 3].into_iter().enumerate() {
            append(&store, count, &format!("batch-{batch}")).await;
        }
    });
    let read = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
    let segments = segments(directory.path()).into_iter().map(read).collect();
    (directory, segments)
}

#[track_caller]
fn refused(directory: &Path) -> Damage {
    match FileEventStore::open(directory) {
        Err(OpenLogError::Damaged(damage)) => damage,
        other => panic!("it should have been refused as damaged: {other:?}"),
    }
}

/// Where each line begins.
fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let feeds = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(feeds).collect()
}

#[test]
fn any_changed_byte_before_a_valid_commit_is_refused_with_segment_offset_and_position() {
    let (directory, segments) = log(u64::MAX);
    let (path, bytes) = &segments[0];
    let starts = line_starts(bytes);
    // Lines: 1 2 commit, 3 commit, 4 5 6 commit. The position due at each of them:
    let due = [1, 2, 3, 3, 4, 4, 5, 6, 7];
    let last_commit = starts[8];
    for at in 0..last_commit {
        for flip in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            fs::write(path, &changed).unwrap();
            let damage = refused(directory.path());
            let line = starts.iter().rposition(|start| *start <= at).unwrap();
            assert_eq!(&damage.segment, path);
            assert_eq!(damage.offset as usize, starts[line], "{at} {damage}");
            assert_eq!(damage.position, Position::new(due[line]), "{at} {damage}");
            assert_eq!(fs::read(path).unwrap(), changed, "the log was left as it is");
        }
    }
    fs::write(path, bytes).unwrap();
    FileEventStore::open(directory.path()).unwrap();
}

#[test]
fn zeros_and_holes_before_a_valid_commit_are_refused() {
    let (directory, segments) = log(u64::MAX);
    let (path, bytes) = &segments[0];
    let starts = line_starts(bytes);
    let second = starts[3];
    for (from, to) in [(second, starts[5]), (second + 5, starts[5] - 1), (starts[1], starts[4])] {
        let mut zeroed = bytes.clone();
        zeroed[from..to].fill(0);
        fs::write(path, zeroed).unwrap();
        assert!(refused(directory.path()).offset as usize <= from);
        let without = [&bytes[..from], &bytes[to..]].concat();
        fs::write(path, without).unwrap();
        assert!(refused(directory.path()).offset as usize <= from);
    }
}

#[test]
fn a_segment_that_is_short_or_missing_before_another_is_refused() {
    let (directory, segments) = log(1);
    assert_eq!(segments.len(), 3);
    let (first, bytes) = &segments[0];
    fs::write(first, &bytes[..bytes.len() - 1]).unwrap();
    let damage = refused(directory.path());
    assert_eq!((&damage.segment, damage.position), (first, Position::new(3)));
    fs::write(first, bytes).unwrap();

    fs::remove_file(&segments[1].0).unwrap();
    let damage = refused(directory.path());
    assert_eq!((&damage.segment, damage.position), (&segments[2].0, Position::new(3)));
    assert!(damage.to_string().contains("missing"), "{damage}");
}

#[test]
fn damage_that_comes_while_the_log_is_open_is_an_error_of_reading() {
    let (directory, segments) = log(u64::MAX);
    block_on(async {
        let (store, _) = FileEventStore::open(directory.path()).unwrap();
        let (path, bytes) = &segments[0];
        let mut changed = bytes.clone();
        changed[line_starts(bytes)[1] + 12] = b'9';
        fs::write(path, changed).unwrap();
        let error = store.read(Position::START, NonZeroUsize::MIN.saturating_add(1)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        assert!(error.to_string().contains("position 2"), "{error}");
        assert_eq!(store.read(Position::START, NonZeroUsize::MIN).await.unwrap().len(), 1);
    });
}
