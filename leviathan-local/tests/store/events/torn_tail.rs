//! What a crash leaves of an append is cut off and said, and the log goes on.

use super::{append, events, quick_directory, read_all, recorded, segments};
use crate::block_on;
use leviathan_core::log::{Head, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_local::events::{FileEventStore, Recovery};
use std::fs;
use std::path::Path;

/// A log of three batches in one segment: its bytes, where each batch ends, and all events.
fn three_batches(directory: &Path) -> (Vec<u8>, [usize; 3], Vec<SealedEvent>) {
    block_on(async {
        let (store, _) = FileEventStore::open(directory).unwrap();
        let (mut all, mut ends) = (Vec::new(), [0; 3]);
        for (batch, count) in [2, 1, 3].into_iter().enumerate() {
            all.extend(append(&store, count, &format!("batch-{batch}")).await);
            ends[batch] = fs::read(&segments(directory)[0]).unwrap().len();
        }
        (fs::read(&segments(directory)[0]).unwrap(), ends, all)
    })
}

/// Puts `bytes` in place of the log's segment, opens it, and checks that just `kept` is there, that the rest is said to be
/// cut off, and that the log can be appended to and opened again, without a word the second time.
async fn recovers(bytes: &[u8], kept: &[SealedEvent], kept_bytes: usize) {
    let directory = quick_directory();
    fs::write(directory.path().join("00000000000000000001.ndjson"), bytes).unwrap();
    let (store, recovery) = FileEventStore::open(directory.path()).unwrap();
    let head = kept.last().map_or(Head::EMPTY, |event| event.head);
    assert_eq!(recovery.head, head);
    let torn = recovery.torn.map(|torn| (torn.offset as usize, torn.bytes as usize));
    assert_eq!(torn, (bytes.len() > kept_bytes).then_some((kept_bytes, bytes.len() - kept_bytes)));
    assert_eq!(read_all(&store).await, recorded(kept));

    let more = events(head, 2, "after recovery");
    store.append(&head, &more).await.unwrap();
    drop(store);
    let (store, recovery) = FileEventStore::open(directory.path()).unwrap();
    assert_eq!(recovery, Recovery { head: more[1].head, torn: None });
    assert_eq!(read_all(&store).await, recorded(&[kept, &more].concat()));
}

#[test]
fn a_log_cut_at_any_byte_of_its_last_two_batches_goes_on_from_the_last_whole_one() {
    let directory = quick_directory();
    let (bytes, ends, all) = three_batches(directory.path());
    block_on(async {
        for cut in ends[0]..=bytes.len() {
            let whole = ends.iter().rposition(|end| *end <= cut).unwrap();
            recovers(&bytes[..cut], &all[..[2, 3, 6][whole]], ends[whole]).await;
        }
    });
}

#[test]
fn a_log_whose_first_append_was_torn_is_empty() {
    let directory = quick_directory();
    let (bytes, ends, _) = three_batches(directory.path());
    block_on(async {
        for cut in [0, 1, 40, ends[0] - 1] {
            recovers(&bytes[..cut], &[], 0).await;
        }
    });
}

#[test]
fn zeros_and_garbage_of_any_length_behind_the_last_batch_are_cut_off() {
    let directory = quick_directory();
    let (bytes, ends, all) = three_batches(directory.path());
    let garbage: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(garbage.contains(&b'\n') && garbage.contains(&0), "lines and zeros are among it");
    let long = bytes.len() - ends[1];
    block_on(async {
        for kept in [0, 1, 2] {
            for length in [1, 2, 63, 64, long - 1, long, long + 1, 4096] {
                for tail in
                    [vec![0; length], garbage[..length].to_vec(), vec![b'x'; length], vec![b'\n'; length]]
                {
                    let torn = [&bytes[..ends[kept]], &tail].concat();
                    recovers(&torn, &all[..[2, 3, 6][kept]], ends[kept]).await;
                }
            }
        }
    });
}

#[test]
fn the_end_of_a_write_may_reach_the_disk_before_its_beginning() {
    let directory = quick_directory();
    let (bytes, ends, all) = three_batches(directory.path());
    block_on(async {
        let mut torn = bytes.clone();
        torn[ends[1]..ends[1] + 100].fill(0);
        recovers(&torn, &all[..3], ends[1]).await;
    });
}

#[test]
fn a_segment_that_was_begun_and_never_written_is_gone_on_with() {
    let directory = quick_directory();
    block_on(async {
        let (store, _) = FileEventStore::open_with(directory.path(), 1).unwrap();
        let mut all = append(&store, 2, "first").await;
        drop(store);
        for torn in ["", "{\"position\":3,\"ha"] {
            fs::write(directory.path().join("00000000000000000003.ndjson"), torn).unwrap();
            let (store, recovery) = FileEventStore::open_with(directory.path(), 1).unwrap();
            assert_eq!(recovery.torn.is_some(), !torn.is_empty());
            assert_eq!(read_all(&store).await, recorded(&all));
        }
        let (store, _) = FileEventStore::open_with(directory.path(), 1).unwrap();
        all.extend(append(&store, 3, "second").await);
        drop(store);
        let (store, _) = FileEventStore::open_with(directory.path(), 1).unwrap();
        assert_eq!(read_all(&store).await, recorded(&all));
        assert_eq!(segments(directory.path()).len(), 2);
    });
}
