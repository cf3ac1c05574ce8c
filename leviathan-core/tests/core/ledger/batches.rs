//! What becomes one append, and in which order.

use super::{BEFORE, EVENTS, appends_since, busy, facts, post};
use crate::support::host::Host;
use crate::support::store::TestStore;
use crate::support::*;
use leviathan_core::SubmitError;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::executor::Phase;
use leviathan_core::schedule::Blocked;
use std::time::Duration;

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
    let blocked = Blocked::RunningLimit { running: 2, limit: 2 };
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
async fn an_election_and_what_relies_on_who_leads_are_never_decided_on_one_state() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs", "api"], 4).await;
    host.when(start("docs")).await;
    host.when(start("api")).await;
    let (docs, api) = (host.attempts("docs")[0].clone(), host.attempts("api")[0].clone());
    let before = store.appends().len();
    busy(&host, &store).await;
    let answers = host.submit_all([
        observe(&docs, Phase::Running),
        observe(&api, Phase::Running),
        take_over("one"),
        lose(&docs),
        lose(&api),
        facts("f", 1),
        take_over("two"),
    ]);
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    for refused in &answers[3..5] {
        let Err(SubmitError::Rejected(Rejection::NotLeading { holder, .. })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(holder, "one");
    }
    assert!([0, 1, 2, 5, 6].iter().all(|n| answers[*n].is_ok()));
    // The two observations and the facts; the election; what it forbids is refused; the other election.
    assert_eq!(appends_since(&store, before), [5, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_start_does_not_go_before_an_election_that_was_wanted_first() {
    let store = TestStore::new();
    let host = Host::with(store.clone(), ["docs"], 4).await;
    busy(&host, &store).await;
    let answers = host.submit_all([take_over("one"), start("docs")]);
    tokio::task::yield_now().await;
    store.let_go();
    let answers = answers.await.unwrap();
    assert!(answers[0].is_ok());
    assert!(matches!(
        &answers[1],
        Err(SubmitError::Rejected(Rejection::NotLeading { leadership: None, .. }))
    ));
}
