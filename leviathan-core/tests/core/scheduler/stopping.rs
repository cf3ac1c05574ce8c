//! Schedulers and attempts that end before their time, and what comes after them.

use crate::support::executor::{Call, TestExecutor};
use crate::support::host::Host;
use crate::support::rig::{Rig, done, soon};
use crate::support::*;
use futures::{FutureExt, future};
use leviathan_core::executor::{AttemptResult, Cause, ExecutorError};
use leviathan_core::{Clock, SchedulerError, Until};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Semaphore;

#[tokio::test(start_paused = true)]
async fn a_scheduler_that_is_dropped_anywhere_is_followed_by_one_that_goes_on() {
    for polls in 0.. {
        let rig = Rig::new(["a", "b", "c: a, b"], 2, |clock| TestExecutor::working(clock, 20)).await;
        let ended = poll_times(polls, rig.scheduler().run(Until::Idle, future::pending())).await;
        // The host dies with it; what runs goes on, and so does the log.
        rig.host.task.abort();
        let host = Host::open(rig.store.clone(), &rig.host.clock).await;
        let rig = Rig { host, ..rig };
        rig.run(Until::Idle).await;
        for task in ["a", "b", "c"] {
            assert_eq!(rig.host.outcomes(task), ["succeeded"], "{task} after {polls} polls");
        }
        assert_eq!(rig.executor.attempts_begun().len(), 3, "something ran twice after {polls} polls");
        rig.is_settled().await;
        if ended.is_some() {
            assert!(polls > 10, "there was nothing to cut short");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_runs_is_adopted_and_not_launched_again() {
    let gate = Arc::new(Semaphore::new(0));
    let opened = gate.clone();
    let rig = Rig::new(["a", "b"], 2, move |clock| {
        TestExecutor::new(clock, move |_, _| {
            let gate = opened.clone();
            async move {
                gate.acquire().await.unwrap().forget();
                done()
            }
        })
    })
    .await;
    let first = rig.spawn(Until::Idle);
    rig.running("a").await;
    rig.running("b").await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.add_permits(2);
    rig.run(Until::Idle).await;
    assert_eq!((rig.host.outcomes("a"), rig.host.outcomes("b")), (vec!["succeeded"], vec!["succeeded"]));
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Launch(_))), 2);
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn shutdown_leaves_running_what_runs() {
    let rig = Rig::new(["docs", "api"], 1, |clock| TestExecutor::working(clock, 600)).await;
    let shutdown = tokio::time::sleep(Duration::from_secs(60));
    soon(rig.scheduler().run(Until::Stopped, shutdown)).await.unwrap();
    assert_eq!(rig.host.clock.now(), at(60));
    assert_eq!((rig.host.outcomes("docs"), rig.host.attempts("api").len()), (vec!["running"], 0));
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 0);
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.tasks_begun(), ["docs", "api"]);
}

#[tokio::test(start_paused = true)]
async fn a_scheduler_whose_ledger_stops_says_so_and_leaves_the_work_running() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 600)).await;
    let run = rig.spawn(Until::Stopped);
    rig.running("docs").await;
    rig.host.task.abort();
    let ended = soon(run).await.unwrap();
    assert!(matches!(ended, Err(SchedulerError::LedgerStopped(_))), "{ended:?}");
    let host = Host::open(rig.store.clone(), &rig.host.clock).await;
    let rig = Rig { host, ..rig };
    rig.run(Until::Idle).await;
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["succeeded"], 1));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_in_the_log_ends_the_attempt_as_cancelled() {
    // One stops when it is told to, one has to be killed.
    for stubborn in [false, true] {
        let rig = Rig::new(["docs"], 2, move |clock| {
            TestExecutor::new(clock, move |_, stop| async move {
                stop.await;
                if stubborn {
                    future::pending::<()>().await;
                }
                AttemptResult::failed(Cause::Cancelled, "told to stop")
            })
        })
        .await;
        let scheduler = rig.scheduler().with_cancel_grace(Duration::from_secs(5));
        let run = tokio::spawn(async move { scheduler.run(Until::Idle, future::pending()).await });
        let attempt = rig.running("docs").await;
        tokio::time::advance(Duration::from_secs(100)).await;
        rig.host.when(cancel(&attempt)).await;
        soon(run).await.unwrap().unwrap();
        assert_eq!(rig.host.outcomes("docs"), ["cancelled"]);
        assert!(rig.host.state("docs").starts_with("Blocked"), "{}", rig.host.state("docs"));
        assert_eq!(rig.host.clock.now(), at(if stubborn { 105 } else { 100 }));
        assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 1);
        rig.is_settled().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_cancelled_before_it_could_be_launched_never_runs() {
    let rig = Rig::new(["docs"], 2, |clock| {
        TestExecutor::working(clock, 1)
            .launching(|_, _| future::ready(Err(ExecutorError::unavailable("no room"))).boxed())
    })
    .await;
    let run = rig.spawn(Until::Idle);
    rig.wait("an attempt", |rig| !rig.host.attempts("docs").is_empty()).await;
    let attempt = rig.host.attempts("docs")[0].clone();
    rig.host.when(cancel(&attempt)).await;
    soon(run).await.unwrap().unwrap();
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["cancelled"], 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_shutdown_ends_and_is_recorded() {
    let rig = Rig::new(["docs", "api"], 1, |clock| {
        TestExecutor::working(clock, 600)
            .launching(|_, _| tokio::time::sleep(Duration::from_secs(3)).map(Ok).boxed())
    })
    .await;
    soon(rig.scheduler().run(Until::Stopped, tokio::time::sleep(Duration::from_secs(1)))).await.unwrap();
    assert_eq!((rig.host.outcomes("docs"), rig.host.clock.now()), (vec!["submitted"], at(3)));
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Launch(_))), 2);
    assert_eq!(rig.executor.tasks_begun(), ["docs", "api"]);
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn what_would_take_long_at_shutdown_is_left_to_the_next_scheduler() {
    let rig = Rig::new(["docs"], 1, |clock| {
        TestExecutor::working(clock, 600).launching(|_, before| {
            let seconds = if before == 0 { 1_000 } else { 0 };
            tokio::time::sleep(Duration::from_secs(seconds)).map(Ok).boxed()
        })
    })
    .await;
    soon(rig.scheduler().run(Until::Stopped, tokio::time::sleep(Duration::from_secs(1)))).await.unwrap();
    assert_eq!((rig.host.outcomes("docs"), rig.host.clock.now()), (vec!["created"], at(6)));
    rig.run(Until::Idle).await;
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["succeeded"], 1));
    rig.is_settled().await;
}

/// Polls `future` at most `times`, each time that something woke it, and then drops it where it stands.
async fn poll_times<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    soon(future::poll_fn(|context| match left.checked_sub(1) {
        None => Poll::Ready(None),
        Some(less) => {
            left = less;
            let polled = future.as_mut().poll(context).map(Some);
            // The poll after the last one must not wait for somebody to wake it.
            if left == 0 && polled.is_pending() { Poll::Ready(None) } else { polled }
        }
    }))
    .await
}
