//! What callers learn, and when.

use super::{BEFORE, EVENTS, assert_chained, busy, facts, post};
use crate::support::host::Host;
use crate::support::store::TestStore;
use crate::support::*;
use futures::FutureExt;
use leviathan_core::id::LogId;
use leviathan_core::log::{EventBody, Position, SealedEvent};
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{Ledger, NewLog, SubmitError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_said_at_once() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    let mut taken = 0;
    let waiting = loop {
        let command = post([fact(&format!("waits-{taken}"))]);
        // A caller that goes away leaves its command where it is.
        match host.ledger.clone().submit(command).now_or_never() {
            None => taken += 1,
            Some(Err(SubmitError::Overloaded { waiting })) => break waiting,
            Some(other) => panic!("{other:?}"),
        }
        assert!(taken < 10_000, "the queue has no end");
    };
    assert!((waiting..=waiting + 1).contains(&taken), "{taken} were taken, {waiting} are said to wait");
    store.let_go();
    host.ledger.moved_past(Position::new((EVENTS + taken) as u64)).await;
    assert_eq!(store.events().await.len(), EVENTS + 1 + taken);
    host.when(post([fact("room again")])).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_its_command_whole() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    assert!(host.submit(facts("gone", 7)).now_or_never().is_none());
    store.let_go();
    host.ledger.moved_past(Position::new(EVENTS as u64 + 1)).await;
    assert_eq!(store.events().await.len(), EVENTS + 1 + 7);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_answered_or_shown_before_it_is_durable() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    store.hold();
    let answers = host.submit_all([start("docs")]);
    store.asked(BEFORE + 1).await;
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert!(!answers.is_finished(), "it was answered");
    assert_eq!((host.attempts("docs").len(), store.events().await.len()), (0, EVENTS), "it was shown");
    store.let_go();
    let receipt = *answers.await.unwrap()[0].as_ref().unwrap();
    assert_eq!(store.log().settled(receipt.head.position).await.unwrap(), Some(receipt.head.hash));
    assert_eq!(host.attempts("docs").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_is_opened_again_has_the_same_graph() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs", "api: docs"], 4).await;
    host.when(start("docs")).await;
    let attempt = host.attempts("docs")[0].clone();
    host.when(post([claim("1", &report(&attempt, None)), fact("a")])).await;
    host.when(observe(&attempt, finished(exit(0)))).await;
    host.when(start("api")).await;
    let again = NewLog { log_id: LogId::from_u128(1), name: "never used".to_owned() };
    let (reopened, _task) = Ledger::open(store.clone(), host.clock.clone(), again).await.unwrap();
    assert_eq!(reopened.read(|graph| graph.digest()), host.digest());
    assert_eq!(reopened.read(|graph| graph.log_id()), Some(LOG));
    assert_chained(&store.events().await);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken_by_own_and_foreign_appends_and_by_the_end() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let other = Host::open(store.log().clone(), &host.clock).await;
    let waits = |after: u64| {
        let ledger = host.ledger.clone();
        tokio::spawn(async move { ledger.moved_past(Position::new(after)).await })
    };
    waits(EVENTS as u64 - 1).await.unwrap();
    let (own, foreign, never) = (waits(EVENTS as u64), waits(EVENTS as u64 + 1), waits(1_000));
    tokio::task::yield_now().await;
    assert!(!own.is_finished());
    host.when(post([fact("own")])).await;
    own.await.unwrap();
    assert!(!foreign.is_finished());
    other.when(post([fact("foreign")])).await;
    foreign.await.unwrap();
    assert_eq!(host.digest(), other.digest());
    assert!(!never.is_finished());
    host.task.abort();
    never.await.unwrap();
    assert!(host.ledger.stopped().is_some());
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_last_handle() {
    let host = Host::with(TestStore::new(), ["docs"], 4).await;
    let Host { ledger, task, .. } = host;
    let second = ledger.clone();
    drop(ledger);
    second.submit(post([fact("a")])).await.unwrap();
    drop(second);
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn however_many_commands_come_to_nothing_the_log_is_followed() {
    let log = Arc::<MemoryEventStore>::default();
    let host = Host::with(TestStore::over(log.clone()), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;
    let rounds = Arc::new(AtomicUsize::new(0));
    // Several, so that there is always one that waits.
    let refused = (0..8).map(|_| {
        let (ledger, rounds) = (host.ledger.clone(), rounds.clone());
        tokio::spawn(async move {
            while rounds.fetch_add(1, Ordering::Relaxed) < 20_000 {
                ledger.submit(retry("none")).await.unwrap_err();
            }
        })
    });
    let refused = futures::future::join_all(refused.collect::<Vec<_>>());
    tokio::task::yield_now().await;
    let appended = other.when(post([fact("foreign")])).await.head;
    assert!(rounds.load(Ordering::Relaxed) < 1_000, "it was appended late");
    host.ledger.moved_past(Position::new(appended.position.get() - 1)).await;
    assert!(rounds.load(Ordering::Relaxed) < 2_000, "it was seen only after {rounds:?} refusals");
    assert_eq!(host.digest(), other.digest());
    drop(refused);
}

#[tokio::test(start_paused = true)]
async fn however_much_others_append_commands_are_taken() {
    let log = Arc::<MemoryEventStore>::default();
    let host = Host::with(TestStore::over(log.clone()), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;
    let others = tokio::spawn(async move {
        for n in 0..2_000 {
            other.when(post([fact(&format!("foreign-{n}"))])).await;
        }
    });
    for n in 0..20 {
        host.when(post([fact(&format!("own-{n}"))])).await;
    }
    assert!(!others.is_finished(), "it had to wait for the others");
}

#[tokio::test(start_paused = true)]
async fn where_the_log_ends_is_asked_of_its_store() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let head = host.ledger.read(|graph| graph.head());
    assert_eq!(host.ledger.read_head().await.unwrap(), head.position);
    let foreign = SealedEvent::chain(head, (0..3).map(|n| EventBody::write(&fact(&n.to_string()), at(0))));
    store.log().append(&head, &foreign).await.unwrap();
    // The ledger has had no time to follow.
    let end = host.ledger.read_head().now_or_never().unwrap().unwrap();
    assert_eq!((end, host.ledger.read(|graph| graph.head())), (foreign[2].head.position, head));
}
