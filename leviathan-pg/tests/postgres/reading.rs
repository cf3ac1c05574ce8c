//! Whoever reads a log from one end to the other gets pages that were fetched ahead.

use super::*;
use leviathan_core::log::{Position, RecordedEvent};
use leviathan_core::store::EventStore;
use std::num::NonZeroUsize;

async fn positions(store: &PgEventStore, after: u64, limit: usize) -> Vec<u64> {
    let page = store.read(Position::new(after), NonZeroUsize::new(limit).unwrap()).await.unwrap();
    page.iter().map(|event| event.head.position.get()).collect()
}

#[test]
fn a_page_that_was_fetched_ahead_hides_nothing_that_came_later() {
    block_on(async {
        let store = new_log().await;
        append(&store, 5, "before").await;
        assert_eq!(positions(&store, 0, 2).await, [1, 2]);
        assert_eq!(positions(&store, 2, 2).await, [3, 4]);
        // The next page, of one event, is under way or there.
        append(&store, 2, "meanwhile").await;
        assert_eq!(positions(&store, 4, 2).await, [5, 6]);
        assert_eq!(positions(&store, 6, 2).await, [7]);
        assert_eq!(positions(&store, 7, 2).await, [0; 0]);
    });
}

#[test]
fn readers_at_several_places_with_pages_of_several_sizes_each_get_their_own() {
    block_on(async {
        let store = new_log().await;
        append(&store, 60, "event").await;
        let mut readers = [(0, 2), (20, 3), (20, 5), (0, 2)];
        while readers.iter().any(|(after, _)| *after < 60) {
            for (after, limit) in &mut readers {
                let page = positions(&store, *after, *limit).await;
                let due: Vec<u64> = (*after + 1..=60).take(*limit).collect();
                assert_eq!(page, due);
                *after = page.last().copied().unwrap_or(*after);
            }
        }
    });
}

#[test]
fn all_of_a_log_is_read_ahead_in_order() {
    block_on(async {
        let store = new_log().await;
        let appended = append(&store, 1000, "event").await;
        let limit = NonZeroUsize::new(64).unwrap();
        let mut read: Vec<RecordedEvent> = Vec::new();
        loop {
            let after = read.last().map_or(Position::START, |event| event.head.position);
            let page = store.read(after, limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, recorded(&appended));
    });
}
