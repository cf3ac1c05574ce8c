//! The scheduler works backlogs: order, limits, retries, and nothing more than that.

use crate::support::executor::{Call, TestExecutor};
use crate::support::rig::{Rig, done, soon};
use crate::support::*;
use futures::future;
use leviathan_core::decide::Command;
use leviathan_core::executor::{AttemptResult, Cause};
use leviathan_core::id::ExecutorName;
use leviathan_core::schedule::RetryPolicy;
use leviathan_core::{Clock, Until};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_backlog_with_dependencies_is_worked_to_the_end() {
    let rig = Rig::new(["d: b, c", "c: a", "b: a", "a"], 4, |clock| TestExecutor::working(clock, 60)).await;
    let before = rig.store.events().await.len();
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.tasks_begun(), ["a", "c", "b", "d"]);
    for task in ["a", "b", "c", "d"] {
        assert_eq!(
            (rig.host.state(task).as_str(), rig.host.outcomes(task)),
            ("Completed", vec!["succeeded"])
        );
    }
    assert_eq!(rig.host.clock.now(), at(180), "b and c did not run side by side");
    // Nothing is done twice: one launch, one release, and at most seven events for each attempt.
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Launch(_))), 4);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Release(_))), 4);
    assert_eq!(rig.executor.calls().len(), 9);
    assert!(rig.store.events().await.len() - before <= 4 * 7);
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn no_more_attempts_run_at_once_than_the_limit_allows() {
    let rig =
        Rig::new(["a", "b", "c", "d", "e", "f", "g"], 3, |clock| TestExecutor::working(clock, 60)).await;
    rig.run(Until::Idle).await;
    assert_eq!((rig.executor.most_at_once(), rig.executor.tasks_begun().len()), (3, 7));
    assert_eq!(rig.host.clock.now(), at(180));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again_after_its_backoff() {
    let rig = Rig::new(["docs"], 2, |clock| {
        TestExecutor::new(clock, |spec, _| async move {
            match spec.attempt_number {
                1 => AttemptResult::failed(Cause::ChecksFailed, "red"),
                _ => done(),
            }
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["failed", "succeeded"]);
    let waited = (rig.host.clock.now() - at(0)).num_milliseconds();
    assert!((7_500..=10_001).contains(&waited), "{waited} ms");
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_tries_are_used_up_ends_the_run_and_holds_up_no_other() {
    let rig = Rig::new(["bad", "good", "waits: bad"], 2, |clock| {
        TestExecutor::new(clock, |spec, _| async move {
            if spec.task_id.as_str() == "bad" {
                AttemptResult::failed(Cause::NoChanges, "nothing")
            } else {
                done()
            }
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("bad"), ["failed", "failed"]);
    assert!(rig.host.state("bad").starts_with("Failed"), "{}", rig.host.state("bad"));
    assert_eq!((rig.host.state("good").as_str(), rig.host.state("waits").as_str()), ("Completed", "Pending"));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn once_is_one_attempt_and_its_end() {
    let rig = Rig::new(["a", "b"], 4, |clock| {
        TestExecutor::new(clock, |_, _| async move {
            tokio::time::sleep(Duration::from_secs(30)).await;
            AttemptResult::failed(Cause::ChecksFailed, "red")
        })
    })
    .await;
    rig.run(Until::Once).await;
    assert_eq!(rig.executor.tasks_begun(), ["a"]);
    assert_eq!(
        (rig.host.outcomes("a"), rig.host.clock.now()),
        (vec!["failed"], at(30)),
        "its retry was waited for"
    );
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn run_once_tells_which_attempt_it_was() {
    let rig = Rig::new(["a", "b"], 4, |clock| TestExecutor::working(clock, 30)).await;
    let config = config_of("radix");
    let first = soon(rig.scheduler().run_once(&config)).await.unwrap();
    assert_eq!(first, rig.host.attempts("a").first().cloned());
    let second = soon(rig.scheduler().run_once(&config)).await.unwrap();
    assert_eq!(second, rig.host.attempts("b").first().cloned());
    assert_eq!(soon(rig.scheduler().run_once(&config)).await.unwrap(), None);
    assert_eq!(soon(rig.scheduler().run_once(&config_of("new"))).await.unwrap(), None);
    assert_eq!(rig.host.clock.now(), at(60));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn run_once_is_about_its_own_target() {
    let rig = Rig::new(["a"], 4, |clock| TestExecutor::working(clock, 30)).await;
    rig.host.when(Command::RegisterTarget(config_of("zeta"))).await;
    rig.host.when(sync_of("zeta", [task("z")])).await;
    // What is open already is the one that is waited for, if it is of this target.
    rig.host.when(start("a")).await;
    let other = soon(rig.scheduler().run_once(&config_of("zeta"))).await.unwrap().unwrap();
    let of = rig.host.ledger.read(|graph| graph.attempt(&other).unwrap().task.clone()).unwrap();
    assert_eq!(of, key_of("zeta", "z"));
    assert_eq!(rig.host.outcomes("a"), ["succeeded"], "what is open of others is seen to its end");

    rig.host.when(sync([task("a"), task("b"), task("c")])).await;
    rig.host.when(led(start("b"), rig.led_since())).await;
    let open = rig.host.attempts("b")[0].clone();
    assert_eq!(soon(rig.scheduler().run_once(&config_of("radix"))).await.unwrap(), Some(open));
    assert!(rig.host.attempts("c").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_scheduler_of_one_target_starts_nothing_of_others() {
    let rig = Rig::new(["a", "b"], 4, |clock| TestExecutor::working(clock, 30)).await;
    rig.host.when(Command::RegisterTarget(config_of("zeta"))).await;
    rig.host.when(sync_of("zeta", [task("z")])).await;
    let scheduler = rig.scheduler().only(key_of("zeta", "z").target_id);
    soon(scheduler.run(Until::Idle, future::pending())).await.unwrap();
    assert_eq!(rig.executor.tasks_begun(), ["z"]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_policy_is_recorded_once() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 1)).await;
    let policy = RetryPolicy { backoff_seconds: 7, ..RetryPolicy::default() };
    rig.scheduler().set_retry_policy(policy).await.unwrap();
    rig.scheduler().set_retry_policy(policy).await.unwrap();
    let limits = rig.host.ledger.read(|graph| *graph.limits());
    assert_eq!((limits.retry, limits.max_running.get()), (policy, 2));
    assert_eq!(rig.recorded("limits.changed").await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_empty_backlog_is_done_at_once() {
    let rig = Rig::new([], 2, |clock| TestExecutor::working(clock, 1)).await;
    rig.run(Until::Idle).await;
    rig.run(Until::Once).await;
    assert_eq!(rig.host.clock.now(), at(0));
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_while_there_is_nothing_to_do() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 36_000)).await;
    let polls = Arc::new(AtomicUsize::new(0));
    let scheduler = rig.scheduler();
    let counted = {
        let polls = polls.clone();
        async move {
            let mut run =
                pin!(scheduler.run(Until::Stopped, tokio::time::sleep(Duration::from_secs(86_000))));
            future::poll_fn(|context| {
                polls.fetch_add(1, Ordering::Relaxed);
                run.as_mut().poll(context)
            })
            .await
        }
    };
    soon(counted).await.unwrap();
    assert_eq!(rig.host.outcomes("docs"), ["succeeded"]);
    assert_eq!(rig.executor.calls().len(), 3, "{:?}", rig.executor.calls());
    assert_eq!(rig.store.events().await.len(), 5 + 7);
    assert!(rig.store.appends().len() <= 4 + 6, "{:?}", rig.store.appends());
    let polls = polls.load(Ordering::Relaxed);
    assert!(polls < 40, "the scheduler was polled {polls} times in a day");
}

#[tokio::test(start_paused = true)]
async fn an_operators_word_is_followed_at_once() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 10)).await;
    rig.host.when(pause()).await;
    let run = rig.spawn(Until::Stopped);
    tokio::time::sleep(Duration::from_secs(1_000)).await;
    assert!(rig.host.attempts("docs").is_empty());
    rig.host.when(resume()).await;
    rig.wait("its end", |rig| rig.host.outcomes("docs") == ["succeeded"]).await;
    assert_eq!(rig.host.clock.now(), at(1_010));
    rig.host.when(sync([task("docs"), task("more")])).await;
    rig.wait("its end", |rig| rig.host.outcomes("more") == ["succeeded"]).await;
    assert_eq!(rig.host.clock.now(), at(1_020));
    run.abort();
}

#[tokio::test(start_paused = true)]
async fn attempts_of_another_executor_that_fill_the_limit_are_not_waited_for() {
    let rig = Rig::new(["theirs", "ours"], 1, |clock| TestExecutor::working(clock, 1)).await;
    let executor = ExecutorName::new("there").unwrap();
    rig.host.when(Command::StartAttempt { task: key("theirs"), executor, leadership: None }).await;
    rig.run(Until::Idle).await;
    assert!(rig.host.attempts("ours").is_empty());
    assert_eq!((rig.host.outcomes("theirs"), rig.host.clock.now()), (vec!["created"], at(0)));
}
