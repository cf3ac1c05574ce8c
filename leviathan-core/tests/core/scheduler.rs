//! The scheduler drives an executor by the log, on time that moves when nothing else can.

use crate::support::executor::{Call, TestExecutor};
use crate::support::host::{Host, TokioClock};
use crate::support::store::TestStore;
use crate::support::*;
use futures::future::{self, BoxFuture};
use futures::{FutureExt, StreamExt, stream};
use leviathan_core::decide::Command;
use leviathan_core::executor::{AttemptResult, AttemptSpec, Cause, ExecutorError, Observation, Phase};
use leviathan_core::graph::AttemptState;
use leviathan_core::id::AttemptId;
use leviathan_core::schedule::RetryPolicy;
use leviathan_core::{Clock, Scheduler, SchedulerError, Until};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A ledger with a backlog, and an executor for it.
struct Rig {
    store: Arc<TestStore>,
    host: Host,
    executor: Arc<TestExecutor>,
}

impl Rig {
    async fn new<'a>(
        tasks: impl IntoIterator<Item = &'a str>,
        max_running: u32,
        executor: impl FnOnce(&Arc<TokioClock>) -> TestExecutor,
    ) -> Self {
        let store = TestStore::new();
        let host = Host::with(store.clone(), tasks, max_running).await;
        let executor = Arc::new(executor(&host.clock));
        Self { store, host, executor }
    }

    fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.host.ledger.clone(), self.executor.clone(), self.host.clock.clone())
    }

    /// Runs a scheduler until it says that there is nothing left to do.
    async fn run(&self, until: Until) {
        soon(self.scheduler().run(until, future::pending())).await.unwrap();
    }

    fn spawn(&self, until: Until) -> JoinHandle<Result<(), SchedulerError>> {
        let scheduler = self.scheduler();
        tokio::spawn(async move { scheduler.run(until, future::pending()).await })
    }

    /// Returns once something is so in the graph.
    async fn wait(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let so = async {
            loop {
                let position = self.host.ledger.read(|graph| graph.head().position);
                if is_so(self) {
                    return;
                }
                self.host.ledger.moved_past(position).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(86_400), so).await.is_ok(), "never: {what}");
    }

    async fn running(&self, task: &str) -> AttemptId {
        let state = |rig: &Self| {
            let last = rig.host.attempts(task).last().cloned()?;
            rig.host
                .ledger
                .read(|graph| (graph.attempt(&last)?.state == AttemptState::Running).then_some(last.clone()))
        };
        self.wait(task, |rig| state(rig).is_some()).await;
        state(self).unwrap()
    }

    /// How many events of a type there are.
    async fn recorded(&self, kind: &str) -> usize {
        self.store.kinds().await.iter().filter(|other| *other == kind).count()
    }

    /// That a reader of the log sees what everybody saw live, and that nothing is left with the executor.
    async fn is_settled(&self) {
        let again = Host::open(self.store.clone(), &self.host.clock).await;
        assert_eq!(again.digest(), self.host.digest());
        let held: Vec<_> = leviathan_core::executor::Executor::watch(&*self.executor)
            .map(Result::unwrap)
            .take_while(|seen| future::ready(*seen != Observation::Synced))
            .collect()
            .await;
        assert!(held.is_empty(), "left with the executor: {held:?}");
    }
}

/// What `future` gives, if it does within a day of the tests' time.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(86_400), future).await {
        Ok(value) => value,
        Err(_) => panic!("it did not end within a day"),
    }
}

fn done() -> AttemptResult {
    AttemptResult::succeeded("done")
}

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
    rig.host.when(start("b")).await;
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
    assert_eq!(rig.store.events().await.len(), 5 + 6);
    assert!(rig.store.appends().len() <= 4 + 5, "{:?}", rig.store.appends());
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
