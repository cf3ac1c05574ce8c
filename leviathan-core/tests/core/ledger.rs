//! What the one door to the log promises its callers, whatever its store does.

use crate::support::host::{Host, TokioClock, new_log};
use crate::support::store::{Plan, TestStore};
use crate::support::*;
use futures::FutureExt;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::event::EventDraft;
use leviathan_core::executor::Phase;
use leviathan_core::id::LogId;
use leviathan_core::log::{EventBody, Head, Position, RecordedEvent, SealedEvent, Verifier};
use leviathan_core::schedule::Blocked;
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{Clock, Ledger, LedgerError, NewLog, SubmitError};
use std::sync::Arc;
use std::time::Duration;

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

#[tokio::test(start_paused = true)]
async fn commands_that_wait_become_one_append() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    let answers = host.submit_all((0..200).map(|n| facts(&format!("f{n}"), 2)));
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    assert_eq!(appends_since(&store, BEFORE), [400]);
    // Each is told where its own events end.
    let events = store.events().await;
    for (answer, n) in answers.into_iter().zip(1..) {
        let receipt = answer.unwrap();
        assert_eq!((receipt.recorded, receipt.duplicates), (2, 0));
        assert_eq!(receipt.head.position.get(), (EVENTS + 1 + 2 * n) as u64);
        assert_eq!(receipt.head, events[receipt.head.position.get() as usize - 1].head);
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_a_size_and_never_splits_a_bundle() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    let sizes = [3_000, 3_000, 10, 5_000, 20];
    let bundles = sizes.iter().enumerate().map(|(n, size)| facts(&format!("b{n}"), *size));
    let large = (0..3).map(|n| {
        let text = format!(r#"{{"text":"{}"}}"#, "x".repeat(200_000));
        let named = claim(&format!("large-{n}"), &started(&attempt_id(&format!("large-{n}"))));
        post((0..15).map(|i| fact_saying(&format!("large-{n}-{i}"), &text)).chain([named]))
    });
    let answers = host.submit_all(bundles.chain(large));
    tokio::task::yield_now().await;
    store.let_go();
    for answer in answers.await.unwrap() {
        answer.unwrap();
    }
    // At most 4,096 events or 4 MiB, but for a single bundle that is larger.
    assert_eq!(appends_since(&store, BEFORE), [3_000, 3_010, 5_000, 36, 16, 16]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_command_touches_no_neighbour() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    let answers = host.submit_all([facts("a", 1), retry("none"), facts("b", 1)]);
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    assert!(
        matches!(&answers[1], Err(SubmitError::Rejected(Rejection::UnknownTask(task))) if *task == key("none"))
    );
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert_eq!(appends_since(&store, BEFORE), [2]);
}

#[tokio::test(start_paused = true)]
async fn commands_on_one_attempt_are_decided_one_after_the_other() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs", "api"], 4).await;
    host.when(start("docs")).await;
    host.when(start("api")).await;
    let (docs, api) = (host.attempts("docs")[0].clone(), host.attempts("api")[0].clone());
    let before = store.appends().len();
    busy(&host, &store).await;
    let answers = host.submit_all([
        observe(&docs, Phase::Running),
        observe(&docs, finished(exit(1))),
        observe(&api, Phase::Running),
        cancel(&docs),
    ]);
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    assert!(answers[..3].iter().all(Result::is_ok));
    assert!(matches!(&answers[3], Err(SubmitError::Rejected(Rejection::AlreadyEnded(id))) if *id == docs));
    let kinds = store.kinds().await;
    let after = kinds.iter().position(|kind| kind == "attempt.started").unwrap() + 1;
    let both = ["job.submitted", "job.started", "job.submitted", "job.started"];
    assert_eq!(kinds[after..after + 4], both);
    assert_eq!(kinds[after + 4..], ["job.failed", "attempt.failed", "retry.scheduled"]);
    assert_eq!(appends_since(&store, before), [4, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_waits_is_not_overtaken_by_one_that_it_shares_a_key_with() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    host.when(start("docs")).await;
    host.when(cancel(&host.attempts("docs")[0])).await;
    host.when(lose(&host.attempts("docs")[0])).await;
    let before = store.kinds().await.len();
    busy(&host, &store).await;
    // The retry waits for the pause, since both are about the target; the last is only about the task.
    let foreign = post([claim("1", &created("attempt-foreign", "docs"))]);
    let answers = host.submit_all([pause(), retry("docs"), foreign]);
    tokio::task::yield_now().await;
    store.let_go();
    assert!(answers.await.unwrap().iter().all(Result::is_ok));
    assert_eq!(store.kinds().await[before + 1..], ["target.paused", "task.retried", "attempt.created"]);
    assert!(host.state("docs").contains("attempt-foreign"), "{}", host.state("docs"));
}

#[tokio::test(start_paused = true)]
async fn an_append_opens_at_most_one_attempt_and_that_goes_first() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["a", "b", "c"], 2).await;
    busy(&host, &store).await;
    let answers = host.submit_all([facts("f", 1), start("a"), start("b"), start("c")]);
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    assert!(answers[..3].iter().all(Result::is_ok));
    let blocked = Blocked::RunningLimit { running: 2 };
    let Err(SubmitError::Rejected(rejection)) = &answers[3] else { panic!("{:?}", answers[3]) };
    assert_eq!(*rejection, Rejection::NotAdmitted { task: key("c"), blocked });
    assert_eq!(appends_since(&store, BEFORE), [2, 1]);
    assert_eq!(store.kinds().await[EVENTS + 3..], ["attempt.created", "attempt.started", "attempt.created"]);
}

#[tokio::test(start_paused = true)]
async fn a_start_overtakes_nothing_that_it_depends_on() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 2).await;
    let foreign = post([claim("1", &created("attempt-foreign", "docs"))]);
    for (order, undo) in [(pause(), Some(resume())), (change_limits(limits(1)), None), (foreign, None)] {
        let appends = store.appends().len();
        store.hold();
        let occupied = host.submit_all([facts(&format!("busy-{appends}"), 1)]);
        store.asked(appends + 1).await;
        let answers = host.submit_all([order.clone(), start("docs")]);
        tokio::task::yield_now().await;
        store.let_go();
        occupied.await.unwrap();
        let answers = answers.await.unwrap();
        assert!(answers[0].is_ok());
        if matches!(order, Command::ChangeLimits { .. }) {
            let attempt = host.attempts("docs")[0].clone();
            host.when(lose(&attempt)).await;
            tokio::time::advance(Duration::from_secs(60)).await;
        } else {
            assert!(matches!(&answers[1], Err(SubmitError::Rejected(_))), "{order:?}: {:?}", answers[1]);
        }
        if let Some(undo) = undo {
            host.when(undo).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn duplicates_are_found_within_a_bundle_within_a_batch_and_after_a_restart() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    let of = |name: &str| claim(name, &started(&attempt_id(name)));
    busy(&host, &store).await;
    let answers = host.submit_all([
        post([of("a"), fact("same"), fact("same")]),
        post([of("b"), fact("same"), fact("other")]),
    ]);
    tokio::task::yield_now().await;
    store.let_go();
    let counts = |receipt: &leviathan_core::Receipt| (receipt.recorded, receipt.duplicates);
    let answers: Vec<_> = answers.await.unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().map(counts).collect::<Vec<_>>(), [(2, 1), (2, 1)]);
    assert_eq!(appends_since(&store, BEFORE), [4]);

    let reopened = Host::open(store.clone(), &host.clock).await;
    let again = reopened.when(post([of("b"), fact("same"), fact("new")])).await;
    assert_eq!(counts(&again), (1, 2));
    let nothing = reopened.when(post([of("a"), fact("new")])).await;
    assert_eq!((counts(&nothing), nothing.head), ((0, 2), again.head));
}

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

#[track_caller]
fn assert_chained(events: &[RecordedEvent]) {
    let mut verifier = Verifier::new(Head::EMPTY);
    assert!(events.iter().all(|event| verifier.accept(event.head, event.body.leaf())));
}
