//! `ByPlan`: runs that go by their plan, and are counted.

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{self, BoxFuture};
use leviathan_core::conformance::executor::Plan;
use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, Cause, InProcess, RunAttempt};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::{Clock, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// How often each attempt's run began.
#[derive(Debug, Clone, Default)]
pub(super) struct Starts(Arc<Mutex<BTreeMap<AttemptId, usize>>>);

impl Starts {
    pub(super) fn of(&self, attempt: &AttemptId) -> usize {
        self.0.lock().unwrap().get(attempt).copied().unwrap_or_default()
    }
}

/// Does what the spec's plan says.
#[derive(Debug)]
pub(super) struct ByPlan(Starts);

#[async_trait]
impl RunAttempt for ByPlan {
    async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
        *self.0.0.lock().unwrap().entry(spec.attempt_id.clone()).or_default() += 1;
        match Plan::of(spec).unwrap() {
            Plan::Succeed => AttemptResult::succeeded("as planned"),
            Plan::Fail => AttemptResult::failed(Cause::ChecksFailed, "as planned"),
            Plan::Hang => {
                ctx.cancelled().await;
                AttemptResult::failed(Cause::Cancelled, "as asked")
            }
            Plan::Deaf => future::pending().await,
        }
    }
}

#[derive(Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// An `InProcess` whose runs go by their plan.
pub(super) fn in_process(starts: &Starts) -> InProcess {
    let name = ExecutorName::new("here").unwrap();
    let run = Arc::new(ByPlan(starts.clone()));
    InProcess::new(name, run, |run| _ = tokio::spawn(run), Arc::new(TokioClock(Instant::now())))
}
