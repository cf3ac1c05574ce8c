//! The suite for executors.

mod by_plan;
mod flawed;

use crate::assert_all_promises;
use by_plan::{Starts, in_process};
use flawed::{Flaw, FlawedExecutor};
use leviathan_core::conformance::executor::{self, ExecutorHarness};
use leviathan_core::conformance::{Broken, Harness, check};
use leviathan_core::executor::InProcess;
use leviathan_core::id::AttemptId;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Time is virtual. When nothing can go on but by a wait longer than any test's, the test hangs.
fn block_on<F: Future>(test: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let test = async { tokio::time::timeout(Duration::from_secs(24 * 3600), test).await };
    runtime.block_on(test).unwrap_or_else(|_| panic!("the test hangs"))
}

/// `InProcess` as it is: its attempts end with it.
#[derive(Default)]
struct Here(Starts);

impl Harness for Here {
    type Subject = InProcess;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> InProcess {
        in_process(&self.0)
    }

    async fn reopen(&self, executor: InProcess) -> Option<InProcess> {
        drop(executor);
        Some(in_process(&self.0))
    }
}

impl ExecutorHarness for Here {
    fn attempts_survive(&self) -> bool {
        false
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        Some(self.0.of(attempt))
    }
}

mod in_process_suite {
    use super::Here;
    leviathan_core::executor_suite!(Here::default());
}

/// The same on several threads, in real time.
#[derive(Default)]
struct OnThreads(Here);

impl Harness for OnThreads {
    type Subject = InProcess;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(test)
    }

    async fn fresh(&self) -> InProcess {
        self.0.fresh().await
    }

    async fn reopen(&self, executor: InProcess) -> Option<InProcess> {
        self.0.reopen(executor).await
    }
}

impl ExecutorHarness for OnThreads {
    fn attempts_survive(&self) -> bool {
        self.0.attempts_survive()
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        self.0.starts(attempt)
    }
}

mod in_process_on_threads_suite {
    use super::OnThreads;
    leviathan_core::executor_suite!(OnThreads::default());
}

/// An executor whose attempts are run by an `InProcess` that outlives it, as a cluster does; with one flaw, or none.
struct Elsewhere {
    flaw: Flaw,
    survive: bool,
    counts: bool,
    starts: Starts,
}

impl Elsewhere {
    fn with(flaw: Flaw) -> Self {
        Self { flaw, survive: true, counts: true, starts: Starts::default() }
    }
}

impl Harness for Elsewhere {
    type Subject = FlawedExecutor;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> FlawedExecutor {
        FlawedExecutor::new(self.flaw, Arc::new(in_process(&self.starts)))
    }

    async fn reopen(&self, executor: FlawedExecutor) -> Option<FlawedExecutor> {
        Some(executor.reopen())
    }
}

impl ExecutorHarness for Elsewhere {
    fn attempts_survive(&self) -> bool {
        self.survive
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        self.counts.then(|| self.starts.of(attempt))
    }
}

/// Runs one promise's test; one that hangs has failed.
fn holds(promise: &Promise, harness: &Elsewhere) -> bool {
    catch_unwind(AssertUnwindSafe(|| (promise.check)(harness))).is_ok_and(|checked| match checked {
        Ok(()) => true,
        Err(broken) => {
            assert_eq!(broken.property, promise.name);
            false
        }
    })
}

/// One promise, and the flaw that breaks it.
struct Promise {
    name: &'static str,
    flaw: Flaw,
    check: fn(&Elsewhere) -> Result<(), Broken>,
}

macro_rules! promises {
    ($($promise:ident: $flaw:ident;)*) => {
        &[$(Promise {
            name: stringify!($promise),
            flaw: Flaw::$flaw,
            check: |harness| check(harness, stringify!($promise), executor::$promise),
        }),*]
    };
}

const PROMISES: &[Promise] = promises! {
    launch_twice_starts_once: RunsAgainWhatFinished;
    another_spec_is_refused: TakesAnotherSpec;
    a_dropped_launch_is_finished_by_a_repeated_one: NotesBeforeItLaunches;
    what_is_launched_is_seen_by_a_later_watch: OpensWithWhatFinished;
    a_watch_opens_with_what_is_held_then_synced: SyncsTwice;
    phases_never_go_back: RunsOnAfterItsEnd;
    a_later_watch_never_goes_back: OpensWithSubmitted;
    an_end_says_how_it_came: EndsWithoutAWord;
    two_watches_see_the_same_end: TellsAnEndOnce;
    a_dropped_watch_loses_nothing: GoesOnWhereAWatchWasDropped;
    outcome_waits_for_release: ForgetsFailuresItTold;
    release_forgets: ReleasesAllThatFinished;
    release_of_an_unfinished_attempt_is_refused: ReleasesAnything;
    release_of_an_unknown_attempt_is_no_error: MissesWhatItReleases;
    a_dropped_release_is_finished_by_a_repeated_one: NotesBeforeItReleases;
    cancel_ends_it: DoesNotAsk;
    cancel_kills_what_does_not_listen: DoesNotKill;
    cancel_of_an_unknown_attempt_is_no_error: MissesWhatItCancels;
    a_dropped_cancel_is_finished_by_a_repeated_one: NotesBeforeItCancels;
    a_deadline_kills_what_goes_on: IgnoresTheDeadline;
    restart_adopts: KnowsOnlyItsOwn;
};

#[test]
fn each_flaw_breaks_its_promise_and_no_other() {
    for Promise { name, flaw, .. } in PROMISES {
        let broken: Vec<_> = PROMISES
            .iter()
            .filter(|promise| !holds(promise, &Elsewhere::with(*flaw)))
            .map(|promise| promise.name)
            .collect();
        assert_eq!(broken, [*name], "by an executor that {flaw:?}");
    }
}

#[test]
fn an_executor_without_a_flaw_breaks_none() {
    for counts in [true, false] {
        for Promise { name, check, .. } in PROMISES {
            let good = check(&Elsewhere { counts, ..Elsewhere::with(Flaw::None) });
            good.unwrap_or_else(|broken| panic!("{name}, counts: {counts}: {broken}"));
        }
    }
}

#[test]
fn a_second_run_is_seen_without_a_count_too() {
    let harness = Elsewhere { counts: false, ..Elsewhere::with(Flaw::RunsAgainWhatFinished) };
    let broken = check(&harness, "launch_twice_starts_once", executor::launch_twice_starts_once).unwrap_err();
    assert!(broken.what.contains("launched again"), "{broken}");
}

#[test]
fn a_release_that_does_nothing_breaks_what_it_promises() {
    let broken: Vec<_> = PROMISES
        .iter()
        .filter(|promise| !holds(promise, &Elsewhere::with(Flaw::ReleasesNothing)))
        .map(|promise| promise.name)
        .collect();
    assert_eq!(broken, ["release_forgets", "a_dropped_release_is_finished_by_a_repeated_one"]);
}

#[test]
fn a_final_message_without_an_exit_code_is_no_success() {
    let harness = Elsewhere::with(Flaw::LosesTheExitCode);
    let broken = check(&harness, "an_end_says_how_it_came", executor::an_end_says_how_it_came).unwrap_err();
    assert!(broken.what.contains("was to succeed"), "{broken}");
}

#[test]
fn attempts_that_are_said_not_to_survive_must_end_lost() {
    let harness = Elsewhere { survive: false, ..Elsewhere::with(Flaw::ClaimsSuccessAfterARestart) };
    let broken = check(&harness, "restart_adopts", executor::restart_adopts).unwrap_err();
    assert!(broken.what.contains("did not survive"), "{broken}");
}

#[test]
fn every_promise_is_in_the_macro_and_in_the_table() {
    let source = concat!(
        include_str!("../../src/conformance/executor.rs"),
        include_str!("../../src/conformance/executor/launch.rs"),
        include_str!("../../src/conformance/executor/watch.rs"),
        include_str!("../../src/conformance/executor/release.rs"),
        include_str!("../../src/conformance/executor/cancel.rs"),
        include_str!("../../src/conformance/executor/deadline.rs"),
        include_str!("../../src/conformance/executor/restart.rs"),
    );
    let tried: Vec<_> = PROMISES.iter().map(|promise| promise.name).collect();
    assert_all_promises(source, &tried);
}
