//! `ExecutorHarness`: what the suite must know of an executor besides how it is opened.

use crate::conformance::Harness;
use crate::executor::{AttemptSpec, Executor};
use crate::id::AttemptId;

/// A [`Harness`] for an executor. [`reopen`](Harness::reopen) is a restart of the executor's host: it gives an executor of
/// the same name. Whatever runs attempts must go by their [`Plan`](super::Plan): an executor that always does
/// the same work is given other work for the suite, by its command line or by a wrapper around its [`RunAttempt`].
///
/// [`RunAttempt`]: crate::executor::RunAttempt
pub trait ExecutorHarness: Harness<Subject: Executor> {
    /// Whether attempts go on while their host is down, and a restarted one adopts them. If not, they must have vanished
    /// after a restart or end as `lost`.
    fn attempts_survive(&self) -> bool;

    /// How often the run of `attempt` began, if that can be counted outside the executor. Asked after its end.
    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        let _ = attempt;
        None
    }

    /// Makes the spec of a plan fit this executor, for instance by a repository that is there. The attempt's id and what
    /// tells its plan must stay.
    fn fit(&self, spec: AttemptSpec) -> AttemptSpec {
        spec
    }
}
