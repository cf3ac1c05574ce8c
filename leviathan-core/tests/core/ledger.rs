//! What the one door to the log promises its callers, whatever its store does.

mod batches;
mod callers;
mod troubles;

use crate::support::host::Host;
use crate::support::store::TestStore;
use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::event::EventDraft;
use leviathan_core::log::{Head, RecordedEvent, Verifier};

/// The appends that a host of [`Host::with`] makes before the test's own.
const BEFORE: usize = 4;
/// The events of those appends, if there is one task.
const EVENTS: usize = 5;
fn post(events: impl IntoIterator<Item = EventDraft>) -> Command {
    Command::Ingest(bundle(events))
}

/// A bundle of so many facts that nobody else tells.
fn facts(name: &str, count: usize) -> Command {
    let template = fact(name);
    let numbered = |n| {
        let id = leviathan_core::id::EventId::new(format!("{name}-{n}")).unwrap();
        EventDraft { event_id: id, ..template.clone() }
    };
    // The first names an attempt, so that bundles of different names share no key.
    let named = claim(&format!("{name}-started"), &started(&attempt_id(name)));
    post((1..count).map(numbered).chain([named]))
}

/// Keeps one command in the store's hands, so that whatever comes now waits and is taken at once.
async fn busy(host: &Host, store: &TestStore) {
    let appends = store.appends().len();
    store.hold();
    let occupied = host.submit_all([facts("busy", 1)]);
    store.asked(appends + 1).await;
    assert!(!occupied.is_finished());
}

/// What the appends since `busy` were.
fn appends_since(store: &TestStore, before: usize) -> Vec<usize> {
    store.appends().split_off(before + 1)
}

#[track_caller]
fn assert_chained(events: &[RecordedEvent]) {
    let mut verifier = Verifier::new(Head::EMPTY);
    assert!(events.iter().all(|event| verifier.accept(event.head, event.body.leaf())));
}
