//! Executors that are slow, say no, lose what they hold, or can't be watched.

use crate::support::executor::{Call, TestExecutor};
use crate::support::rig::{Rig, done, soon};
use crate::support::*;
use futures::future::{self, BoxFuture};
use futures::{FutureExt, StreamExt, stream};
use leviathan_core::executor::{
    AttemptResult, AttemptSpec, Cause, Executor, ExecutorError, Observation, Phase, Sighting,
};
use leviathan_core::id::AttemptId;
use leviathan_core::{Clock, Scheduler, Until};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_launch_that_is_unavailable_is_made_again() {
    let rig = Rig::new(["docs"], 2, |clock| {
        TestExecutor::working(clock, 1).launching(|_, before| {
            let result = if before < 5 { Err(ExecutorError::unavailable("no room")) } else { Ok(()) };
            future::ready(result).boxed()
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["succeeded"]);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Launch(_))), 6);
    assert_eq!(rig.host.clock.now(), at(6), "a second between two launches");
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_launch_whose_answer_was_lost_runs_the_attempt_once() {
    let rig = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 30)).await;
    // The first launch is made, and its answer is lost.
    let lossy = Arc::new(LosesAnswers { inner: rig.executor.clone(), lost: AtomicUsize::new(0) });
    let scheduler = Scheduler::new(rig.host.ledger.clone(), lossy, rig.host.clock.clone());
    soon(scheduler.run(Until::Idle, future::pending())).await.unwrap();
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["succeeded"], 1));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn an_executor_that_rejects_an_attempt_pauses_its_target() {
    for conflict in [false, true] {
        let rig = Rig::new(["docs", "api"], 1, |clock| {
            TestExecutor::working(clock, 1).launching(move |_, _| {
                let error = match conflict {
                    true => ExecutorError::conflict("held with another spec"),
                    false => ExecutorError::rejected("no such image: wrokr:latest"),
                };
                future::ready(Err(error)).boxed()
            })
        })
        .await;
        rig.run(Until::Idle).await;
        assert_eq!((rig.host.outcomes("docs"), rig.host.attempts("api").len()), (vec!["failed"], 0));
        let pause = rig.host.ledger.read(|graph| graph.target(&target()).unwrap().paused.clone()).unwrap();
        let said = if conflict { "another spec" } else { "wrokr:latest" };
        assert!(pause.reason.contains(said) && pause.reason.contains("config_error"), "{}", pause.reason);
        assert_eq!(rig.executor.calls().len(), 2);
        rig.is_settled().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_is_opened_again_after_a_pause() {
    let rig = Rig::new(["a", "b: a"], 2, |clock| {
        TestExecutor::working(clock, 10).watching(|before, watch| match before % 3 {
            // One breaks at once, one after its first two items, one ends without a word.
            0 => stream::iter([Err(ExecutorError::unavailable("no route"))]).boxed(),
            1 => watch.take(2).chain(stream::iter([Err(ExecutorError::unavailable("cut"))])).boxed(),
            _ => watch.take(1).boxed(),
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!((rig.host.outcomes("a"), rig.host.outcomes("b")), (vec!["succeeded"], vec!["succeeded"]));
    assert_eq!(rig.executor.attempts_begun().len(), 2);
    let seconds = (rig.host.clock.now() - at(0)).num_seconds() as usize;
    let watches = rig.executor.count(|call| *call == Call::Watch);
    assert!(watches <= seconds + 2, "{watches} watches in {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_before_it_is_known_what_the_executor_holds() {
    let rig = Rig::new(["docs"], 2, |clock| {
        TestExecutor::working(clock, 1).watching(|before, watch| match before {
            0 => {
                let late = tokio::time::sleep(Duration::from_secs(500));
                stream::once(late).filter_map(|()| future::ready(None)).chain(watch).boxed()
            }
            _ => watch,
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["succeeded"]);
    let attempt = rig.host.attempts("docs")[0].clone();
    let created = rig.host.ledger.read(|graph| graph.attempt(&attempt).unwrap().created_at);
    assert_eq!((created, rig.host.clock.now()), (at(500), at(501)));
}

#[tokio::test(start_paused = true)]
async fn a_launch_under_way_while_a_watch_opens_anew_is_not_taken_for_lost() {
    let rig = Rig::new(["docs"], 2, |clock| {
        let slow = |_: &AttemptSpec, _| tokio::time::sleep(Duration::from_secs(20)).map(Ok).boxed();
        TestExecutor::working(clock, 60).launching(slow).watching(|before, watch| {
            let breaks = tokio::time::sleep(Duration::from_secs(5));
            // The second opens before the launch is made, and shows it only long after.
            let late = |seen| async move {
                if !matches!(seen, Ok(Observation::Synced)) {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
                seen
            };
            if before == 0 { watch.take_until(breaks).boxed() } else { watch.then(late).boxed() }
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.count(|call| *call == Call::Watch), 2);
    assert_eq!((rig.host.outcomes("docs"), rig.executor.attempts_begun().len()), (vec!["succeeded"], 1));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn what_vanishes_is_lost_and_tried_again_up_to_the_bound() {
    let rig = Rig::new(["docs"], 2, |clock| {
        TestExecutor::working(clock, 5).watching(|_, watch| {
            let vanish = |seen| match seen {
                Ok(Observation::Held(sighting)) if matches!(sighting.phase, Phase::Finished(_)) => {
                    Ok(Observation::Gone(sighting.attempt_id))
                }
                seen => seen,
            };
            watch.map(vanish).boxed()
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["failed", "failed", "failed"]);
    assert!(rig.host.state("docs").contains("lost"), "{}", rig.host.state("docs"));
    assert!(rig.host.state("docs").starts_with("Blocked"));
    assert_eq!(rig.recorded("job.failed").await, 3);
    assert_eq!(rig.executor.attempts_begun().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_for_lost_and_still_runs_is_stopped_and_released() {
    let rig = Rig::new(["docs"], 2, |clock| {
        let work = |spec: AttemptSpec, stop: BoxFuture<'static, ()>| async move {
            if spec.attempt_number == 1 {
                stop.await;
                return AttemptResult::failed(Cause::Cancelled, "told to stop");
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
            done()
        };
        TestExecutor::new(clock, work).watching(|before, watch| {
            if before > 0 {
                return watch;
            }
            let vanish = |seen| match seen {
                Ok(Observation::Held(sighting)) if sighting.phase == Phase::Running => {
                    Ok(Observation::Gone(sighting.attempt_id))
                }
                seen => seen,
            };
            // `Synced`, `Submitted`, and the `Gone` that is not so; then the watch breaks.
            let first = watch.map(vanish).scan(false, |gone, seen| {
                let over = std::mem::replace(gone, matches!(seen, Ok(Observation::Gone(_))));
                future::ready((!over).then_some(seen))
            });
            first.take(3).boxed()
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["failed", "succeeded"]);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 1);
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_for_one_attempt_holds_up_no_other() {
    let rig = Rig::new(["slow", "quick", "after: quick"], 2, |clock| {
        TestExecutor::working(clock, 10).launching(|spec, _| match spec.task_id.as_str() {
            "slow" => tokio::time::sleep(Duration::from_secs(1_000)).map(Ok).boxed(),
            _ => future::ready(Ok(())).boxed(),
        })
    })
    .await;
    let run = rig.spawn(Until::Idle);
    rig.wait("the others to end", |rig| rig.host.outcomes("after") == ["succeeded"]).await;
    assert_eq!(rig.host.clock.now(), at(20));
    assert_eq!(rig.host.outcomes("slow"), ["created"]);
    soon(run).await.unwrap().unwrap();
    assert_eq!((rig.host.outcomes("slow"), rig.host.clock.now()), (vec!["succeeded"], at(1_010)));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_repeats_itself_and_goes_back_changes_nothing() {
    let rig = Rig::new(["a", "b: a"], 2, |clock| {
        TestExecutor::working(clock, 10).watching(|_, watch| {
            let lies = |seen: Result<Observation, ExecutorError>| {
                let Ok(Observation::Held(now)) = &seen else {
                    return stream::iter(vec![seen]).left_stream();
                };
                let back = [now.phase.clone(), Phase::Running, Phase::Submitted, now.phase.clone()];
                let back = back.into_iter().filter(|phase| phase.rank() <= now.phase.rank());
                let said: Vec<_> = back
                    .flat_map(|phase| {
                        [Observation::Held(Sighting { phase, ..now.clone() }), Observation::Synced]
                    })
                    .collect();
                stream::iter(said.into_iter().map(Ok)).right_stream()
            };
            watch.flat_map(lies).boxed()
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!((rig.host.outcomes("a"), rig.host.outcomes("b")), (vec!["succeeded"], vec!["succeeded"]));
    assert_eq!(rig.executor.attempts_begun().len(), 2);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Launch(_))), 2);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 0);
    for kind in ["job.submitted", "job.started", "job.completed", "attempt.succeeded"] {
        assert_eq!(rig.recorded(kind).await, 2, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_and_then_held_again_is_lost_stopped_and_tried_again() {
    let rig = Rig::new(["docs"], 2, |clock| {
        let work = |spec: AttemptSpec, stop: BoxFuture<'static, ()>| async move {
            if spec.attempt_number == 1 {
                stop.await;
                return AttemptResult::failed(Cause::Cancelled, "told to stop");
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
            done()
        };
        let lied = AtomicUsize::new(0);
        TestExecutor::new(clock, work).watching(move |_, watch| {
            let first = lied.fetch_add(1, Ordering::Relaxed) == 0;
            let mut gone = !first;
            let lies = move |seen: Result<Observation, ExecutorError>| match seen {
                Ok(Observation::Held(held)) if held.phase == Phase::Running && !gone => {
                    gone = true;
                    let (lost, again) = (held.attempt_id.clone(), Observation::Held(held.clone()));
                    vec![Ok(Observation::Held(held)), Ok(Observation::Gone(lost)), Ok(again)]
                }
                seen => vec![seen],
            };
            // A second between two, so that each is taken for what it says.
            let slowly = |seen| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                seen
            };
            watch.map(lies).flat_map(stream::iter).then(slowly).boxed()
        })
    })
    .await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.host.outcomes("docs"), ["failed", "succeeded"]);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 1);
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancel_and_a_release_that_fail_are_made_again() {
    let rig = Rig::new(["docs"], 2, |clock| {
        let work = |_, stop: BoxFuture<'static, ()>| async move {
            stop.await;
            AttemptResult::failed(Cause::Cancelled, "told to stop")
        };
        TestExecutor::new(clock, work).asking(|_, before| match before {
            0..3 => Err(ExecutorError::unavailable("no route")),
            _ => Ok(()),
        })
    })
    .await;
    let run = rig.spawn(Until::Idle);
    let attempt = rig.running("docs").await;
    rig.host.when(cancel(&attempt)).await;
    soon(run).await.unwrap().unwrap();
    assert_eq!(rig.host.outcomes("docs"), ["cancelled"]);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Cancel(_))), 4);
    assert_eq!(rig.executor.count(|call| matches!(call, Call::Release(_))), 4);
    assert_eq!(rig.host.clock.now(), at(6), "a second between two");
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_log_does_not_know_is_stopped_and_released_after_ten_minutes() {
    let rig = Rig::new([], 2, |clock| {
        TestExecutor::new(clock, |_, stop| async move {
            stop.await;
            AttemptResult::failed(Cause::Cancelled, "told to stop")
        })
        // A watch that breaks now and then does not begin the wait anew.
        .watching(|_, watch| watch.take_until(tokio::time::sleep(Duration::from_secs(250))).boxed())
    })
    .await;
    let elsewhere = Rig::new(["docs"], 2, |clock| TestExecutor::working(clock, 1)).await;
    elsewhere.host.when(start("docs")).await;
    let stranger = elsewhere.host.attempts("docs")[0].clone();
    let (spec, created) = elsewhere.host.ledger.read(|graph| {
        let attempt = graph.attempt(&stranger).unwrap();
        (attempt.spec.clone().unwrap(), attempt.created)
    });
    rig.executor.launch(&spec, &created).await.unwrap();
    let run = rig.spawn(Until::Stopped);
    tokio::time::sleep(Duration::from_secs(599)).await;
    assert!(rig.executor.calls()[1..].iter().all(|call| *call == Call::Watch), "{:?}", rig.executor.calls());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let asked: Vec<_> =
        rig.executor.calls()[1..].iter().filter(|call| **call != Call::Watch).cloned().collect();
    assert_eq!(asked, [Call::Cancel(stranger.clone()), Call::Release(stranger.clone())]);
    assert!(rig.host.ledger.read(|graph| graph.attempt(&stranger).is_none()), "it was recorded");
    run.abort();
    rig.is_settled().await;
}

/// An executor whose first launch is made although it says otherwise.
#[derive(Debug)]
struct LosesAnswers {
    inner: Arc<TestExecutor>,
    lost: AtomicUsize,
}

#[async_trait::async_trait]
impl leviathan_core::executor::Executor for LosesAnswers {
    fn name(&self) -> &leviathan_core::id::ExecutorName {
        self.inner.name()
    }

    async fn launch(
        &self,
        spec: &AttemptSpec,
        created: &leviathan_core::log::Head,
    ) -> Result<(), ExecutorError> {
        self.inner.launch(spec, created).await?;
        if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(ExecutorError::unavailable("the connection was cut"));
        }
        Ok(())
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        self.inner.cancel(attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        self.inner.release(attempt).await
    }

    fn watch(&self) -> crate::support::executor::Watch {
        self.inner.watch()
    }
}
