//! The suite for artifact stores.

mod flawed;

use crate::{assert_all_promises, block_on};
use flawed::{Flaw, FlawedArtifactStore};
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::conformance::{Harness, artifact_store, check};

struct InMemory;

impl Harness for InMemory {
    type Subject = MemoryArtifactStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> MemoryArtifactStore {
        MemoryArtifactStore::default()
    }

    async fn reopen(&self, _: MemoryArtifactStore) -> Option<MemoryArtifactStore> {
        None
    }
}

mod memory {
    use super::InMemory;
    leviathan_core::artifact_store_suite!(InMemory);
}

struct Flawed(Flaw);

impl Harness for Flawed {
    type Subject = FlawedArtifactStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> FlawedArtifactStore {
        FlawedArtifactStore::new(self.0)
    }

    async fn reopen(&self, store: FlawedArtifactStore) -> Option<FlawedArtifactStore> {
        Some(store.reopen())
    }
}

macro_rules! catches {
    ($($promise:ident: $flaw:ident, $found:literal;)*) => {
        mod catches {
            use super::*;
            $(
                #[test]
                fn $promise() {
                    let broken = check(&Flawed(Flaw::$flaw), stringify!($promise), artifact_store::$promise);
                    let broken = broken.expect_err("the flaw was not found");
                    assert_eq!(broken.property, stringify!($promise));
                    assert!(broken.what.contains($found), "{broken}");
                    // It is this flaw that breaks the promise, not the wrapper around the store.
                    check(&Flawed(Flaw::None), stringify!($promise), artifact_store::$promise).unwrap();
                }
            )*
        }

        #[test]
        fn every_promise_has_a_store_that_breaks_it() {
            let source = include_str!("../../src/conformance/artifact_store.rs");
            assert_all_promises(source, &[$(stringify!($promise)),*]);
        }
    };
}

catches! {
    bytes_are_kept_under_their_own_hash: ForgetsTheEmpty, "find gave None";
    what_was_never_kept_is_not_found: GivesNothingForMissing, "went well where NotFound was due";
    bytes_of_another_hash_are_refused_and_not_kept: KeepsBeforeItChecks, "should not be there";
    more_bytes_than_allowed_are_refused_and_not_kept: CutsAtTheLimit, "went well where TooLarge was due";
    a_source_that_fails_leaves_nothing: KeepsHalfOfIt, "should not be there";
    a_put_let_go_leaves_the_whole_or_nothing: ShowsWhatArrives, "should not be there";
    keeping_the_same_bytes_again_is_harmless: RefusesTheKnown, "already exists";
    a_range_gives_just_its_bytes: ClampsRanges, "went well where NotFound was due";
    what_was_kept_survives_a_reopen: LosesAll, "find gave None";
}
