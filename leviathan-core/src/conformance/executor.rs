//! The promises of an [`Executor`](crate::executor::Executor), one function for each.
//!
//! Two things prove an executor: an [`ExecutorHarness`] that says how it is opened, and runs that go by their [`Plan`].
//! [`executor_suite!`](crate::executor_suite) then makes a test of each promise:
//!
//! ```
//! use leviathan_core::conformance::{Harness, executor::{ExecutorHarness, Plan}};
//! use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, Cause, InProcess, RunAttempt};
//! # use futures::future::BoxFuture;
//! # use leviathan_core::{Clock, Timestamp, id::ExecutorName};
//! # use std::{sync::Arc, time::Duration};
//! # #[derive(Debug)]
//! # struct SystemClock;
//! # impl Clock for SystemClock {
//! #     fn now(&self) -> Timestamp { std::time::SystemTime::now().into() }
//! #     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> { Box::pin(tokio::time::sleep(duration)) }
//! # }
//!
//! #[derive(Debug)]
//! struct ByPlan;
//!
//! #[async_trait::async_trait]
//! impl RunAttempt for ByPlan {
//!     async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
//!         match Plan::of(spec) {
//!             Some(Plan::Succeed) => return AttemptResult::succeeded("as planned"),
//!             Some(Plan::Hang) => ctx.cancelled().await,
//!             Some(Plan::Deaf) => std::future::pending().await,
//!             Some(Plan::Fail) | None => {}
//!         }
//!         AttemptResult::failed(Cause::AgentError, "as planned")
//!     }
//! }
//!
//! struct Mine;
//!
//! impl Harness for Mine {
//!     type Subject = InProcess; // Or your own executor, whose runs are told their plan as TASK_ID.
//!
//!     fn block_on<F: Future>(&self, test: F) -> F::Output {
//!         tokio::runtime::Runtime::new().unwrap().block_on(test)
//!     }
//!
//!     async fn fresh(&self) -> InProcess {
//!         let name = ExecutorName::new("mine").unwrap();
//!         InProcess::new(name, Arc::new(ByPlan), |run| { tokio::spawn(run); }, Arc::new(SystemClock))
//!     }
//!
//!     async fn reopen(&self, executor: InProcess) -> Option<InProcess> {
//!         drop(executor);
//!         Some(self.fresh().await)
//!     }
//! }
//!
//! impl ExecutorHarness for Mine {
//!     fn attempts_survive(&self) -> bool {
//!         false
//!     }
//! }
//!
//! mod my_executor {
//!     use super::Mine;
//!     leviathan_core::executor_suite!(Mine);
//! }
//! # // The attribute `#[test]` leaves nothing of the suite in this example, so some of it is run by hand.
//! # fn main() {
//! #     use leviathan_core::conformance::{executor, prove};
//! #     prove(&Mine, "cancel_ends_it", executor::cancel_ends_it);
//! #     prove(&Mine, "restart_adopts", executor::restart_adopts);
//! # }
//! ```
//!
//! What the suite waits for it waits for on a watch, so a promise that is broken by never happening shows when the
//! harness's [`patience`](super::Harness::patience) is over.

mod cancel;
mod deadline;
mod executor_harness;
mod launch;
mod plan;
mod release;
mod restart;
mod trial;
mod watch;
mod watching;

pub use cancel::{
    a_dropped_cancel_is_finished_by_a_repeated_one, cancel_ends_it, cancel_kills_what_does_not_listen,
    cancel_of_an_unknown_attempt_is_no_error,
};
pub use deadline::a_deadline_kills_what_goes_on;
pub use executor_harness::ExecutorHarness;
pub use launch::{
    a_dropped_launch_is_finished_by_a_repeated_one, another_spec_is_refused, launch_twice_starts_once,
    what_is_launched_is_seen_by_a_later_watch,
};
pub use plan::Plan;
pub use release::{
    a_dropped_release_is_finished_by_a_repeated_one, outcome_waits_for_release, release_forgets,
    release_of_an_unfinished_attempt_is_refused, release_of_an_unknown_attempt_is_no_error,
};
pub use restart::restart_adopts;
pub use watch::{
    a_dropped_watch_loses_nothing, a_later_watch_never_goes_back,
    a_watch_opens_with_what_is_held_then_synced, an_end_says_how_it_came, phases_never_go_back,
    two_watches_see_the_same_end,
};

/// Expands to one `#[test]` for each promise of an [`Executor`](crate::executor::Executor), given an
/// [`ExecutorHarness`](crate::conformance::executor::ExecutorHarness).
#[macro_export]
macro_rules! executor_suite {
    ($harness:expr) => {
        $crate::conformance_tests! { executor, $harness,
            launch_twice_starts_once
            another_spec_is_refused
            a_dropped_launch_is_finished_by_a_repeated_one
            what_is_launched_is_seen_by_a_later_watch
            a_watch_opens_with_what_is_held_then_synced
            phases_never_go_back
            a_later_watch_never_goes_back
            an_end_says_how_it_came
            two_watches_see_the_same_end
            a_dropped_watch_loses_nothing
            outcome_waits_for_release
            release_forgets
            release_of_an_unfinished_attempt_is_refused
            release_of_an_unknown_attempt_is_no_error
            a_dropped_release_is_finished_by_a_repeated_one
            cancel_ends_it
            cancel_kills_what_does_not_listen
            cancel_of_an_unknown_attempt_is_no_error
            a_dropped_cancel_is_finished_by_a_repeated_one
            a_deadline_kills_what_goes_on
            restart_adopts
        }
    };
}
