//! What callers learn, and when.

use super::{BEFORE, EVENTS, assert_chained, busy, facts, post};
use crate::support::host::{Host, TokioClock, new_log};
use crate::support::store::TestStore;
use crate::support::*;
use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::id::LogId;
use leviathan_core::log::{EventBody, Head, Position, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_core::{Clock, Ledger, NewLog, SubmitError, Timestamp};
use std::sync::{Arc, Mutex, OnceLock};
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
async fn a_ledger_whose_last_handle_goes_while_commands_wait_records_them_and_ends() {
    let store = TestStore::new();
    let (ledger, task) = Ledger::open(store.clone(), TokioClock::new(), new_log()).await.unwrap();
    for name in ["one", "other"] {
        assert!(ledger.submit(facts(name, 2)).now_or_never().is_none());
    }
    drop(ledger);
    tokio::time::timeout(Duration::from_secs(60), task.run()).await.expect("it goes on without a handle");
    assert_eq!(store.events().await.len(), 1 + 4);
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
    let store = TestStore::new();
    let clock = Arc::new(Busy { inner: TokioClock::new(), ledger: OnceLock::new(), asked: Mutex::default() });
    let (ledger, task) = Ledger::open(store.clone(), clock.clone(), new_log()).await.unwrap();
    let head = ledger.read(|graph| graph.head());
    let foreign = SealedEvent::chain(head, [EventBody::write(&fact("foreign"), at(0))]);
    store.log().append(&head, &foreign).await.unwrap();
    assert!(clock.ledger.set(ledger.clone()).is_ok());
    let task = tokio::spawn(task.run());
    ledger.submit(retry("none")).await.unwrap_err();
    // In each batch it came to nothing, and there was another command before it was over.
    let seen = clock.asked.lock().unwrap().iter().position(|head| *head == foreign[0].head);
    assert!(seen.is_some_and(|batches| batches <= 2), "it was seen after {seen:?} batches");
    assert_eq!(clock.asked.lock().unwrap().len(), Busy::BATCHES);
    task.abort();
}

/// A clock that is asked once for each batch, and then has the ledger given another command that comes to nothing.
#[derive(Debug)]
struct Busy {
    inner: Arc<TokioClock>,
    ledger: OnceLock<Ledger>,
    /// Where the graph was each time.
    asked: Mutex<Vec<Head>>,
}

impl Busy {
    const BATCHES: usize = 1_000;
}

impl Clock for Busy {
    fn now(&self) -> Timestamp {
        if let Some(ledger) = self.ledger.get() {
            let mut asked = self.asked.lock().unwrap();
            if asked.len() < Self::BATCHES {
                asked.push(ledger.read(|graph| graph.head()));
                assert!(ledger.submit(retry("none")).now_or_never().is_none());
            }
        }
        self.inner.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.inner.sleep(duration)
    }
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
