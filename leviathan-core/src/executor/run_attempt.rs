//! `RunAttempt`: one's own way of running an attempt, in one method.

use super::{AttemptContext, AttemptResult, AttemptSpec};
use async_trait::async_trait;
use std::fmt;

/// Runs an attempt within the host's own process. [`InProcess`](super::InProcess) makes a full
/// [`Executor`](super::Executor) of it.
///
/// # Contract
/// - `run` is called once for each attempt that is launched. What it returns is how the attempt ended.
/// - Once [`AttemptContext::cancelled`] resolves it should stop and return soon, usually a failure with
///   [`Cause::Cancelled`](super::Cause::Cancelled). When the grace is over, or the spec's deadline, its future is dropped
///   where it stands: what must be undone then belongs into a `Drop`.
/// - A future that is polled must not block: use the runtime's own means for work that does.
/// - A panic ends the attempt as `agent_error` with the panic's text, and nothing else.
///
/// # Example
/// ```
/// use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, Cause, RunAttempt};
///
/// #[derive(Debug)]
/// struct Greeter;
///
/// #[async_trait::async_trait]
/// impl RunAttempt for Greeter {
///     async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
///         if ctx.is_cancelled() {
///             return AttemptResult::failed(Cause::Cancelled, "told to stop before anything was greeted");
///         }
///         AttemptResult::succeeded(format!("greeted {}", spec.task_id))
///     }
/// }
/// # use futures::{StreamExt, future::BoxFuture};
/// # use leviathan_core::executor::{Executor, InProcess, Observation, Phase};
/// # use leviathan_core::{Clock, Timestamp, id::*, log::Head};
/// # use std::{sync::Arc, time::Duration};
/// # #[derive(Debug)]
/// # struct SystemClock;
/// # impl Clock for SystemClock {
/// #     fn now(&self) -> Timestamp { std::time::SystemTime::now().into() }
/// #     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> { Box::pin(tokio::time::sleep(duration)) }
/// # }
/// # #[tokio::main]
/// # async fn main() {
/// # let name = ExecutorName::new("greeter").unwrap();
/// # let spec = AttemptSpec {
/// #     attempt_id: AttemptId::new("attempt-1").unwrap(), attempt_number: 1,
/// #     target_id: TargetId::new("radix").unwrap(), task_id: TaskId::new("docs").unwrap(),
/// #     repo_url: "/repo".into(), default_branch: "main".into(), base_commit: "c0ffee".into(), deadline_seconds: None,
/// #     forge: Default::default(),
/// # };
///
/// let executor = InProcess::new(name, Arc::new(Greeter), |run| { tokio::spawn(run); }, Arc::new(SystemClock));
/// executor.launch(&spec, &Head::EMPTY).await.unwrap();
/// # let finished = executor.watch().filter_map(|seen| async move { match seen {
/// #     Ok(Observation::Held(sighting)) => match sighting.phase { Phase::Finished(end) => Some(end), _ => None },
/// #     _ => None,
/// # }});
/// # let end = std::pin::pin!(finished).next().await.unwrap();
/// # assert_eq!(end.final_message.unwrap().summary, "greeted docs");
/// # }
/// ```
#[async_trait]
pub trait RunAttempt: fmt::Debug + Send + Sync + 'static {
    /// Does the work of `spec` and says how it ended.
    async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult;
}
