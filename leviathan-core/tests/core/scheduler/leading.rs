//! Several schedulers of one log: one leads, and what is done is done once.

use crate::support::asked::{Asked, Request};
use crate::support::executor::{Call, TestExecutor};
use crate::support::freezer::Freezer;
use crate::support::rig::{Rig, soon};
use crate::support::store::Plan;
use crate::support::*;
use futures::future;
use leviathan_core::event::Event;
use leviathan_core::event::payload::SchedulerElected;
use leviathan_core::{Clock, Leadership, Scheduler, SchedulerError, Timestamp, Until};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

const LEASE: Duration = Duration::from_secs(60);
const QUARTER: Duration = Duration::from_secs(15);

/// A host of the log, by a lease, and what it asks of the executor.
struct Contender {
    rig: Rig,
    name: &'static str,
    asked: Arc<Asked>,
    freezer: Freezer,
}

impl Contender {
    fn new(rig: Rig, name: &'static str, delay: Duration) -> Self {
        let asked = Asked::new(&rig.executor, &rig.host.clock, delay);
        Self { rig, name, asked, freezer: Freezer::default() }
    }

    /// Two of one log, whose tasks these are.
    async fn two<'a>(
        tasks: impl IntoIterator<Item = &'a str>,
        seconds: u64,
        delay: Duration,
    ) -> (Self, Self) {
        let rig = Rig::new(tasks, 2, |clock| TestExecutor::working(clock, seconds)).await;
        let other = rig.other().await;
        (Self::new(rig, "one", delay), Self::new(other, "two", Duration::ZERO))
    }

    fn run(&self, until: Until) -> JoinHandle<Result<(), SchedulerError>> {
        let host = &self.rig.host;
        let scheduler = Scheduler::new(host.ledger.clone(), self.asked.clone(), host.clock.clone())
            .with_leadership(Leadership::Lease(LEASE))
            .with_holder(self.name);
        let freezer = self.freezer.clone();
        tokio::spawn(freezer.run(async move { scheduler.run(until, future::pending()).await }))
    }

    /// Returns once it leads.
    async fn leads(&self) {
        self.rig.wait("its election", |rig| rig.holder().as_deref() == Some(self.name)).await;
    }
}

impl Rig {
    fn holder(&self) -> Option<String> {
        self.host.ledger.read(|graph| graph.leader().map(|leader| leader.holder.clone()))
    }

    /// Every election, as term, holder, and when it was recorded.
    async fn elections(&self) -> Vec<(u64, String, Timestamp)> {
        let events = self.store.events().await;
        let envelopes = events.iter().map(|event| event.body.envelope().unwrap());
        envelopes
            .filter(|envelope| envelope.event_type == "scheduler.elected")
            .map(|envelope| {
                let event = Event::decode("scheduler.elected", 1, envelope.payload, None).unwrap();
                let Event::SchedulerElected(SchedulerElected { term, holder, .. }) = event else { panic!() };
                (term, holder, envelope.recorded_at)
            })
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_schedulers_of_a_log_one_works_and_the_other_follows() {
    let (one, two) = Contender::two(["a", "b", "c: a, b"], 50, Duration::ZERO).await;
    let first = one.run(Until::Idle);
    one.leads().await;
    let second = two.run(Until::Stopped);
    soon(first).await.unwrap().unwrap();
    for task in ["a", "b", "c"] {
        assert_eq!(one.rig.host.outcomes(task), ["succeeded"]);
    }
    assert_eq!((one.rig.executor.attempts_begun().len(), one.rig.host.clock.now()), (3, at(100)));
    assert!(two.asked.requests().is_empty() && two.asked.watches().is_empty());
    assert!(one.rig.elections().await.iter().all(|(term, holder, _)| (*term, holder.as_str()) == (1, "one")));
    // The first is done; the second leads once the term of the first is over.
    two.leads().await;
    assert_eq!((two.rig.holder().as_deref(), two.rig.elections().await.last().unwrap().0), (Some("two"), 2));
    second.abort();
    one.rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn when_the_leader_dies_another_takes_over_once_its_lease_has_ended() {
    let (one, two) = Contender::two(["a", "b"], 600, Duration::ZERO).await;
    let first = one.run(Until::Idle);
    one.leads().await;
    let second = two.run(Until::Idle);
    tokio::time::sleep(Duration::from_secs(110)).await;
    let led_until = one.rig.host.ledger.read(|graph| graph.leader().unwrap().until.unwrap());
    first.abort();
    two.leads().await;
    assert_eq!(one.rig.host.clock.now(), led_until);
    soon(second).await.unwrap().unwrap();
    assert_eq!(
        (two.rig.host.outcomes("a"), two.rig.host.outcomes("b")),
        (vec!["succeeded"], vec!["succeeded"])
    );
    // What runs is adopted: it is learnt from a watch that begins in the new term.
    assert_eq!(two.asked.watches(), [led_until]);
    assert!(two.asked.requests().iter().all(|request| request.kind == "release"));
    assert_eq!(one.rig.executor.attempts_begun().len(), 2);
    two.rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_term_is_renewed_once_in_a_third_of_its_lease_and_others_add_nothing() {
    let (one, two) = Contender::two([], 1, Duration::ZERO).await;
    let runs = [one.run(Until::Stopped), two.run(Until::Stopped)];
    tokio::time::sleep(Duration::from_secs(3_590)).await;
    let elections = one.rig.elections().await;
    assert_eq!(elections.len(), 1 + 3_590 / 20);
    assert!(elections.iter().all(|(term, holder, _)| (*term, holder) == (1, &elections[0].1)));
    let appends = one.rig.store.appends().len() + two.rig.store.appends().len();
    assert!(appends <= elections.len() + 6, "{appends} appends for {} elections", elections.len());
    runs.iter().for_each(JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_a_paused_leader_was_making_is_dropped_when_it_wakes_up_late() {
    let (one, two) = Contender::two(["docs"], 10, Duration::from_secs(8)).await;
    let first = one.run(Until::Stopped);
    one.rig.wait("an attempt", |rig| !rig.host.attempts("docs").is_empty()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(one.asked.requests().len(), 1, "its launch is not under way");
    one.freezer.freeze();
    let second = two.run(Until::Stopped);
    two.rig.wait("its end", |rig| rig.host.outcomes("docs") == ["succeeded"]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    two.rig.is_settled().await;
    one.freezer.thaw();
    tokio::time::sleep(Duration::from_secs(600)).await;
    let launches = one.rig.executor.count(|call| matches!(call, Call::Launch(_)));
    assert_eq!(launches, 1, "what was released was launched again");
    assert_eq!(one.asked.requests().len(), 1, "it asked for more");
    first.abort();
    second.abort();
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_paused_past_its_lease_begins_nothing() {
    let (one, two) = Contender::two(["docs"], 10, Duration::ZERO).await;
    one.rig.host.when(pause()).await;
    let first = one.run(Until::Stopped);
    one.leads().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    one.freezer.freeze();
    // What may start now, the first finds when it wakes up.
    one.rig.host.when(resume()).await;
    tokio::time::sleep(LEASE - QUARTER).await;
    one.freezer.thaw();
    one.freezer.freeze();
    assert!(one.rig.host.attempts("docs").is_empty());
    let second = two.run(Until::Stopped);
    two.rig.wait("its end", |rig| rig.host.outcomes("docs") == ["succeeded"]).await;
    one.freezer.thaw();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(one.asked.requests().is_empty(), "{:?}", one.asked.requests());
    assert_eq!(one.rig.host.attempts("docs").len(), 1);
    first.abort();
    second.abort();
}

#[tokio::test(start_paused = true)]
async fn no_call_of_the_executor_takes_longer_than_a_quarter_of_the_lease() {
    let (one, two) = Contender::two(["docs"], 10, Duration::from_secs(100)).await;
    let first = one.run(Until::Stopped);
    tokio::time::sleep(Duration::from_secs(160)).await;
    let requests = one.asked.requests();
    let took = |request: &Request| request.over.map(|over| (over - request.began).to_std().unwrap());
    // A second lies between two.
    assert_eq!(requests.len(), 10, "{requests:?}");
    assert!(requests[..9].iter().all(|request| took(request) == Some(QUARTER)), "{requests:?}");
    // Whoever can do it faster does it.
    first.abort();
    soon(two.run(Until::Idle)).await.unwrap().unwrap();
    assert_eq!(two.rig.host.outcomes("docs"), ["succeeded"]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_can_not_renew_begins_nothing_in_the_last_quarter() {
    for (failures, term) in [(33, 1), (50, 2)] {
        let (one, _) = Contender::two(["docs"], 10, Duration::ZERO).await;
        one.rig.host.when(pause()).await;
        let first = one.run(Until::Stopped);
        one.leads().await;
        tokio::time::sleep(Duration::from_secs(19)).await;
        // The renewal is due at 20 s, and fails once in a second.
        one.rig.store.plan(vec![Plan::Unavailable; failures]);
        let elsewhere = one.rig.other().await;
        tokio::time::sleep(Duration::from_secs(30)).await;
        elsewhere.host.when(resume()).await;
        one.rig.wait("a start", |rig| !rig.host.attempts("docs").is_empty()).await;
        let started = one.rig.host.clock.now();
        assert!(started >= at(20 + failures as i64), "{started}");
        assert_eq!(one.rig.elections().await.last().unwrap().0, term, "after {failures} failures");
        one.rig.wait("its end", |rig| rig.host.outcomes("docs") == ["succeeded"]).await;
        assert_eq!(one.asked.watches().len(), term as usize);
        first.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn schedulers_of_one_name_are_not_taken_for_each_other() {
    let rig = Rig::new(["a", "b"], 2, |clock| TestExecutor::working(clock, 300)).await;
    let other = rig.other().await;
    let one = Contender::new(rig, "host", Duration::ZERO);
    let two = Contender::new(other, "host", Duration::ZERO);
    let (first, second) = (one.run(Until::Idle), two.run(Until::Idle));
    one.rig.wait("their ends", |rig| rig.host.outcomes("b") == ["succeeded"]).await;
    assert!(one.asked.requests().is_empty() || two.asked.requests().is_empty(), "both did something");
    assert_eq!(one.rig.elections().await.last().unwrap().0, 1);
    assert_eq!(one.rig.executor.attempts_begun().len(), 2);
    soon(first).await.unwrap().unwrap();
    soon(second).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_scheduler_that_had_the_log_for_itself_stops_when_another_takes_over() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 600)).await;
    let first = rig.spawn(Until::Stopped);
    rig.running("docs").await;
    let scheduler = rig.scheduler().with_holder("the other host");
    let second = tokio::spawn(async move { scheduler.run(Until::Idle, future::pending()).await });
    let stopped = soon(first).await.unwrap().unwrap_err();
    let SchedulerError::Superseded { holder, term, since } = &stopped else { panic!("{stopped:?}") };
    assert_eq!((holder.as_str(), *term, Some(*since)), ("the other host", 2, rig.led_since()));
    assert!(stopped.to_string().contains("the other host leads the log since"), "{stopped}");
    soon(second).await.unwrap().unwrap();
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["succeeded"], 1));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn who_shares_the_log_waits_for_one_that_has_it_for_itself() {
    let (one, two) = Contender::two(["docs"], 10, Duration::ZERO).await;
    one.rig.host.when(take_over("the host with the lock")).await;
    let run = two.run(Until::Idle);
    tokio::time::sleep(Duration::from_secs(86_000)).await;
    assert!(two.rig.host.attempts("docs").is_empty() && two.asked.watches().is_empty());
    assert_eq!(two.rig.elections().await.len(), 1);
    assert_eq!(two.rig.store.appends().len(), 0, "it stood for election in vain");
    run.abort();
}
