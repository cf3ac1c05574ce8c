//! The suite for event stores.

use super::*;
use leviathan_core::conformance::Harness;

struct Postgres;

impl Harness for Postgres {
    type Subject = PgEventStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> PgEventStore {
        new_log().await
    }

    async fn reopen(&self, store: PgEventStore) -> Option<PgEventStore> {
        let log = store.log_name().to_owned();
        drop(store);
        Some(open(database(), &log).await)
    }
}

mod in_postgres {
    leviathan_core::event_store_suite!(super::Postgres);
}
