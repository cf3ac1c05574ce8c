//! The suite for event stores.

mod flawed;

use crate::{assert_all_promises, block_on};
use flawed::{Flaw, FlawedEventStore};
use leviathan_core::conformance::{Harness, check, event_store};
use leviathan_core::store::MemoryEventStore;
use std::time::Duration;

struct InMemory;

impl Harness for InMemory {
    type Subject = MemoryEventStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> MemoryEventStore {
        MemoryEventStore::default()
    }

    async fn reopen(&self, _: MemoryEventStore) -> Option<MemoryEventStore> {
        None
    }
}

mod memory {
    use super::InMemory;
    leviathan_core::event_store_suite!(InMemory);
}

struct Flawed(Flaw);

impl Harness for Flawed {
    type Subject = FlawedEventStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> FlawedEventStore {
        FlawedEventStore::new(self.0)
    }

    async fn reopen(&self, store: FlawedEventStore) -> Option<FlawedEventStore> {
        Some(store.reopen().await)
    }

    fn patience(&self) -> Duration {
        // The one flaw that hangs is found when this is over.
        if self.0 == Flaw::NeverWakes { Duration::from_millis(200) } else { Duration::from_secs(60) }
    }
}

macro_rules! catches {
    ($($promise:ident: $flaw:ident, $found:literal;)*) => {
        mod catches {
            use super::*;
            $(
                #[test]
                fn $promise() {
                    let broken = check(&Flawed(Flaw::$flaw), stringify!($promise), event_store::$promise);
                    let broken = broken.expect_err("the flaw was not found");
                    assert_eq!(broken.property, stringify!($promise));
                    assert!(broken.what.contains($found), "{broken}");
                    // It is this flaw that breaks the promise, not the wrapper around the store.
                    check(&Flawed(Flaw::None), stringify!($promise), event_store::$promise).unwrap();
                }
            )*
        }

        #[test]
        fn every_promise_has_a_store_that_breaks_it() {
            let source = include_str!("../../src/conformance/event_store.rs");
            assert_all_promises(source, &[$(stringify!($promise)),*]);
        }
    };
}

catches! {
    a_fresh_log_is_empty: ShowsAGhost, "read gave events";
    what_was_appended_is_read_back_byte_for_byte: WritesJsonAnew, "a body that was changed";
    reading_goes_on_behind_a_position_up_to_its_limit: IgnoresTheLimit, "events where";
    getting_keeps_to_the_order_asked_for: SortsWhatItGets, "another event";
    no_events_are_nothing_to_do: RefusesNoEvents, "unexpected error";
    a_batch_as_large_as_a_bundle_is_kept: CutsLongBatches, "events where";
    another_head_is_a_conflict_and_writes_nothing: IgnoresTheHash, "another log's";
    of_appends_behind_one_head_one_wins: AcknowledgesTheLoser, "8 appends behind one head";
    a_batch_is_seen_whole_or_not_at_all: AppendsOneByOne, "events of batches of 7";
    settled_gives_the_hash_at_a_position: SettlesNothing, "settled gave None";
    an_append_let_go_is_done_or_not_done: AppendsBehindYourBack, "Conflict";
    an_append_wakes_whoever_waits: NeverWakes, "did not end within";
    what_was_acknowledged_survives_a_reopen: LosesTheLast, "events where";
}
