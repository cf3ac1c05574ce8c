//! One command from its start to its end.

use leviathan_core::executor::{AttemptResult, AttemptSpec, Cause, End};
use leviathan_core::id::AttemptId;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A command that runs. Dropping it kills the command and what it started.
pub(super) struct Run {
    attempt_id: AttemptId,
    child: Child,
    deadline: Option<Instant>,
    kill_at: watch::Receiver<Option<Instant>>,
}

impl Run {
    /// `child` leads a process group of its own. `kill_at` changes when a cancel is asked for.
    pub(super) fn new(child: Child, spec: &AttemptSpec, kill_at: watch::Receiver<Option<Instant>>) -> Self {
        let seconds = spec.deadline_seconds.map(|seconds| Duration::from_secs(seconds.get()));
        let deadline = seconds.and_then(|seconds| Instant::now().checked_add(seconds));
        Self { attempt_id: spec.attempt_id.clone(), child, deadline, kill_at }
    }

    /// Waits for the end, asks the command to stop once a cancel is asked for, and kills it when its time is over.
    pub(super) async fn end(mut self) -> End {
        let mut stopped = None;
        let waited = loop {
            let kill_at = *self.kill_at.borrow();
            let (time, cause) = match (kill_at, self.deadline) {
                (Some(kill_at), Some(deadline)) if deadline < kill_at => {
                    (Some(deadline), Cause::DeadlineExceeded)
                }
                (Some(kill_at), _) => (Some(kill_at), Cause::Cancelled),
                (None, deadline) => (deadline, Cause::DeadlineExceeded),
            };
            tokio::select! {
                waited = self.child.wait() => break waited,
                Ok(()) = self.kill_at.changed() => {
                    stopped = Some(Cause::Cancelled);
                    self.signal(Signal::TERM);
                }
                () = at(time) => {
                    stopped = Some(cause);
                    self.signal(Signal::KILL);
                    break self.child.wait().await;
                }
            }
        };
        match waited {
            Ok(status) => self.ended(status, stopped),
            Err(error) => {
                let detail = Some(format!("the command could not be waited for: {error}"));
                End { cause: Some(Cause::Lost), detail, ..End::default() }
            }
        }
    }

    /// A command writes no final message, so a success is put into words here: an exit code of 0 alone tells nothing of the
    /// work, and would be recorded as `no_report`. Who ended well was not stopped, whatever was asked of it.
    fn ended(&self, status: ExitStatus, stopped: Option<Cause>) -> End {
        let result = AttemptResult::succeeded("the command ended well");
        End {
            // As a shell says it: a signal is a code above 128.
            exit_code: status.code().or(status.signal().map(|signal| 128 + signal)),
            cause: stopped.filter(|_| !status.success()),
            detail: Some(format!("the command ended with {status}")),
            final_message: status.success().then(|| result.final_message(self.attempt_id.clone())),
            artifacts: Vec::new(),
        }
    }

    /// Sends a signal to the command and to what it started.
    fn signal(&self, signal: Signal) {
        // There is an id until the command was waited for, and until then no other process can have it.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        // It fails if there is none left to signal, which is what was wanted.
        id.map(|id| kill_process_group(id, signal).ok());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Ends at this time, if there is one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
