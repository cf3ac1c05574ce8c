//! `Trial`: an executor under test, and the watch that sees what it does.

use super::watching::{Ended, Watching};
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure};
use crate::executor::{AttemptSpec, End, Executor, ExecutorError, ExecutorErrorKind, ReportedOutcome};
use crate::id::{AttemptId, BadId, TargetId, TaskId};
use crate::log::{Hash, Head, Position};
use std::time::Duration;

/// Where the `attempt.created` of every attempt of the suite is said to stand.
pub(super) const CREATED: Head = Head { position: Position::new(1), hash: Hash::ZERO };
/// A grace longer than any test takes.
pub(super) const LONG_GRACE: Duration = Duration::from_secs(600);
/// A grace that a test waits for.
pub(super) const SHORT_GRACE: Duration = Duration::from_millis(100);

/// A fresh executor, and a watch that was opened before anything was launched.
pub(super) struct Trial<'h, H: ExecutorHarness> {
    pub(super) harness: &'h H,
    pub(super) executor: H::Subject,
    pub(super) watch: Watching,
}

impl<'h, H: ExecutorHarness> Trial<'h, H> {
    pub(super) async fn begin(harness: &'h H) -> Result<Self, Violation> {
        let executor = harness.fresh().await;
        let (watch, _) = Watching::open(&executor).await?;
        Ok(Self { harness, executor, watch })
    }

    /// A spec that the executor can run.
    pub(super) fn spec(&self, name: &str, plan: Plan) -> Result<AttemptSpec, Violation> {
        let spec = || {
            Ok::<_, BadId>(AttemptSpec {
                attempt_id: AttemptId::new(format!("attempt-{name}"))?,
                attempt_number: 1,
                target_id: TargetId::new("conformance")?,
                task_id: TaskId::new(plan.name())?,
                repo_url: "file:///nowhere".to_owned(),
                default_branch: "main".to_owned(),
                base_commit: "0".repeat(40),
                deadline_seconds: None,
                forge: Default::default(),
            })
        };
        spec().map(|spec| self.harness.fit(spec)).map_err(Violation::new)
    }

    /// Launches an attempt, again if it is there.
    pub(super) async fn launch(&self, spec: &AttemptSpec) -> Result<(), Violation> {
        Ok(self.executor.launch(spec, &CREATED).await?)
    }

    /// Launches an attempt that hangs, and waits until it runs.
    pub(super) async fn hang(&mut self, name: &str) -> Result<AttemptSpec, Violation> {
        let spec = self.spec(name, Plan::Hang)?;
        self.launch(&spec).await?;
        self.watch.runs(&spec.attempt_id).await?;
        Ok(spec)
    }

    /// Launches an attempt, and waits until it has finished.
    pub(super) async fn finish(
        &mut self,
        name: &str,
        plan: Plan,
    ) -> Result<(AttemptSpec, Box<End>), Violation> {
        let spec = self.spec(name, plan)?;
        self.launch(&spec).await?;
        let end = self.watch.finishes(&spec.attempt_id).await?;
        Ok((spec, end))
    }

    /// Ends a run that the test is done with.
    pub(super) async fn stop(&mut self, spec: &AttemptSpec) -> Result<Ended, Violation> {
        self.executor.cancel(&spec.attempt_id, SHORT_GRACE).await?;
        self.watch.ends(&spec.attempt_id).await
    }
}

/// Goes on if the run of an attempt that has ended did not begin twice, or nobody counts. One that was told to stop may
/// have ended before it could count itself.
pub(super) fn began_once(harness: &impl ExecutorHarness, attempt: &AttemptId) -> Result<(), Violation> {
    let starts = harness.starts(attempt).unwrap_or_default();
    ensure(starts <= 1, format_args!("the run of {attempt} began {starts} times"))
}

/// Goes on if the answer is an error of this kind.
pub(super) fn refused(
    answer: Result<(), ExecutorError>,
    kind: ExecutorErrorKind,
    what: &str,
) -> Result<(), Violation> {
    match answer {
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => {
            let found = error.kind();
            Err(Violation::new(format_args!("{what} is to be {kind:?}, it was {found:?}: {error}")))
        }
        Ok(()) => Err(Violation::new(format_args!("{what} is to be {kind:?}, it was taken"))),
    }
}

/// Whether an end is one of a success, as the graph will read it. An end without a final message may be: a worker can
/// report in another way.
pub(super) fn ended_well(end: &End) -> bool {
    let said = end.final_message.as_ref().map(|message| message.outcome);
    end.exit_code == Some(0) && end.cause.is_none() && said != Some(ReportedOutcome::Failed)
}
