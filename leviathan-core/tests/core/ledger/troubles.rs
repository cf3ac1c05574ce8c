//! Stores that fail, and other processes that append first.

use super::{BEFORE, EVENTS, assert_chained, post};
use crate::support::host::{Host, TokioClock, new_log};
use crate::support::store::{Plan, TestStore};
use crate::support::*;
use leviathan_core::decide::Rejection;
use leviathan_core::id::LogId;
use leviathan_core::log::{EventBody, Head, Position, SealedEvent};
use leviathan_core::schedule::Blocked;
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{Clock, Ledger, LedgerError, NewLog, SubmitError};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_command_is_decided_again_when_somebody_else_appended_first() {
    let log = Arc::<MemoryEventStore>::default();
    let store = TestStore::over(log.clone());
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;

    store.hold();
    let asked = store.appends().len();
    let taken_at = host.clock.now();
    let named = claim("named", &started(&attempt_id("attempt-foreign")));
    let answers = host.submit_all([start("docs"), post([named, fact("kept")])]);
    store.asked(asked + 1).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    other.when(pause()).await;
    let between = other.when(post([fact("between")])).await;
    store.let_go();
    let answers = answers.await.unwrap();

    let Err(SubmitError::Rejected(Rejection::NotAdmitted { blocked, .. })) = &answers[0] else {
        panic!("{:?}", answers[0]);
    };
    assert!(matches!(blocked, Blocked::TargetPaused { .. }), "{blocked}");
    let receipt = *answers[1].as_ref().unwrap();
    assert_eq!(receipt.head.position, between.head.position.next().next());
    // A body that comes out the same keeps its bytes, and with them when it was taken.
    let events = store.events().await;
    assert_eq!(events.last().unwrap().body, EventBody::write(&fact("kept"), taken_at));
    assert_chained(&events);
    other.ledger.moved_past(between.head.position).await;
    assert_eq!(other.digest(), host.digest());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_told_first_is_a_duplicate() {
    let log = Arc::<MemoryEventStore>::default();
    let store = TestStore::over(log.clone());
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;
    store.hold();
    let asked = store.appends().len();
    let answers = host.submit_all([post([fact("same"), fact("mine")])]);
    store.asked(asked + 1).await;
    other.when(post([fact("same")])).await;
    store.let_go();
    let receipt = *answers.await.unwrap()[0].as_ref().unwrap();
    assert_eq!((receipt.recorded, receipt.duplicates), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_append_whose_answer_was_lost_is_looked_up_and_recorded_once() {
    for (plan, appends) in [(Plan::WrittenUnknown, 1), (Plan::LostUnknown, 2)] {
        let store = TestStore::new();
        let host = Host::with(store.clone(), ["docs"], 4).await;
        store.plan([plan]);
        store.settles_after(3);
        let receipt = host.when(post([fact("a"), fact("b")])).await;
        assert_eq!((receipt.recorded, receipt.head.position.get()), (2, EVENTS as u64 + 2), "{plan:?}");
        assert_eq!(store.appends().len(), BEFORE + appends, "{plan:?}");
        assert_eq!(store.events().await.len(), EVENTS + 2, "{plan:?}");
        assert_eq!(store.events().await.last().unwrap().head, receipt.head);
        assert!(
            host.clock.now() >= at(0) + Duration::from_millis(600),
            "it was not asked again after a pause"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_append_that_somebody_else_was_faster_than_is_decided_again() {
    let log = Arc::<MemoryEventStore>::default();
    let store = TestStore::over(log.clone());
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;
    store.hold();
    store.plan([Plan::LostUnknown]);
    let asked = store.appends().len();
    let answers = host.submit_all([start("docs")]);
    store.asked(asked + 1).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    other.when(start("docs")).await;
    store.let_go();
    assert!(matches!(&answers.await.unwrap()[0], Err(SubmitError::Rejected(Rejection::NotAdmitted { .. }))));
    assert_eq!(host.attempts("docs").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_unavailable_refuses_its_callers_and_records_nothing() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let digest = host.digest();
    store.plan([Plan::Unavailable]);
    let refused = host.submit(post([fact("a")])).await;
    assert!(
        matches!(&refused, Err(SubmitError::Unavailable(why)) if why.contains("as planned")),
        "{refused:?}"
    );
    assert_eq!((store.events().await.len(), host.digest()), (EVENTS, digest));
    assert_eq!(host.when(post([fact("a")])).await.recorded, 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_without_a_reason_is_asked_with_pauses() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    store.plan([Plan::ConflictWithNobody; 5]);
    host.when(post([fact("a")])).await;
    assert!(host.clock.now() >= at(1), "five pauses took {}", host.clock.now());
    assert_eq!(store.appends().len(), BEFORE + 6);
}

#[tokio::test(start_paused = true)]
async fn two_processes_that_open_an_empty_store_begin_one_log() {
    let log = Arc::<MemoryEventStore>::default();
    let clock = TokioClock::new();
    let (one, two) = (TestStore::over(log.clone()), TestStore::over(log.clone()));
    one.hold();
    two.hold();
    let open = |store: Arc<TestStore>, id| {
        let new = NewLog { log_id: LogId::from_u128(id), name: String::new() };
        tokio::spawn(Ledger::open(store, clock.clone(), new))
    };
    let (first, second) = (open(one.clone(), 1), open(two.clone(), 2));
    one.asked(1).await;
    two.asked(1).await;
    two.let_go();
    let (second, _second_task) = second.await.unwrap().unwrap();
    one.let_go();
    let (first, _first_task) = first.await.unwrap().unwrap();
    assert_eq!(first.read(|graph| graph.log_id()), Some(LogId::from_u128(2)));
    assert_eq!(first.read(|graph| graph.digest()), second.read(|graph| graph.digest()));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_log_is_refused_with_the_position() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let events = store.events().await;
    for damaged in 0..events.len() {
        let copy = MemoryEventStore::default();
        let mut sealed: Vec<_> =
            events.iter().map(|event| SealedEvent { head: event.head, body: event.body.clone() }).collect();
        let mut bytes = sealed[damaged].body.bytes().to_vec();
        bytes.push(b' ');
        sealed[damaged].body = EventBody::seal(bytes.into());
        copy.append(&Head::EMPTY, &sealed).await.unwrap();
        let refused = Ledger::open(Arc::new(copy), host.clock.clone(), new_log()).await;
        let Err(LedgerError::Damaged { position }) = refused else { panic!("it was opened") };
        assert_eq!(position.get(), damaged as u64 + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_stops_when_its_log_is_damaged_and_says_so() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let head = host.ledger.read(|graph| graph.head());
    let waits = {
        let ledger = host.ledger.clone();
        tokio::spawn(async move { ledger.moved_past(Position::new(1_000)).await })
    };
    let good = SealedEvent::chain(head, [EventBody::write(&fact("good"), at(0))]);
    let bad = SealedEvent { body: EventBody::write(&fact("bad"), at(0)), ..good[0].clone() };
    store.log().append(&head, &[bad]).await.unwrap();
    waits.await.unwrap();
    let why = host.ledger.stopped().unwrap();
    assert!(why.contains(&format!("position {}", head.position.next())), "{why}");
    let refused = host.submit(post([fact("late")])).await;
    assert!(matches!(&refused, Err(SubmitError::Stopped(said)) if *said == why), "{refused:?}");
    assert_eq!(host.ledger.read(|graph| graph.head()), head, "what is damaged was projected");
}

#[tokio::test(start_paused = true)]
async fn callers_of_an_append_that_the_store_calls_corrupt_learn_that_the_ledger_stopped() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    store.plan([Plan::Corrupt]);
    let refused = host.submit(post([fact("a")])).await;
    assert!(matches!(refused, Err(SubmitError::Stopped(_))), "{refused:?}");
    host.task.await.unwrap();
    assert!(host.ledger.stopped().unwrap().contains("as planned"));
}

#[tokio::test(start_paused = true)]
async fn a_scheduler_that_another_process_supersedes_records_nothing_more() {
    let log = Arc::<MemoryEventStore>::default();
    let store = TestStore::over(log.clone());
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let other = Host::open(log, &host.clock).await;
    let led_since = Some(host.when(elect("one", 60)).await.head.position);
    store.hold();
    let asked = store.appends().len();
    let answers = host.submit_all([led(start("docs"), led_since)]);
    store.asked(asked + 1).await;
    // Paused past its lease: the election comes between the decision and the append.
    tokio::time::advance(Duration::from_secs(60)).await;
    other.when(elect("two", 60)).await;
    store.let_go();
    let refused = &answers.await.unwrap()[0];
    let Err(SubmitError::Rejected(Rejection::NotLeading { leadership, holder, term: 2, .. })) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((*leadership, holder.as_str()), (led_since, "two"));
    assert!(host.attempts("docs").is_empty());
}
