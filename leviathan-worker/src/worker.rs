//! `Worker`: runs one attempt.

mod attempt;
mod blocking;
mod pull_request;
#[cfg(test)]
mod tests;

use crate::agent::Agent;
use crate::budget::Budget;
use crate::confine::Confiner;
use crate::journal::Journal;
use crate::report::{self, Report};
use crate::reporter::Reporter;
use crate::text::clip;
use crate::{Failure, WorkerConfig};
use attempt::Attempt;
use chrono::Utc;
use leviathan_core::event::Event;
use leviathan_core::event::payload::AttemptStarted;
use leviathan_core::executor::{AttemptResult, Cause};
use leviathan_core::redact::Redactor;
use leviathan_local::process::Containment;
use std::{future::Future, sync::Arc, time::Duration};

/// How long a worker that was told to stop tries to deliver its report.
const REPORT_WHEN_STOPPED: Duration = Duration::from_secs(5);

/// The longest summary of a failure, in bytes.
const SUMMARY_LIMIT: usize = 16 * 1024;

/// Runs one attempt: clone, agent, policy, checks, repair, commit, push, report.
#[derive(Debug)]
pub struct Worker {
    config: WorkerConfig,
    agent: Arc<dyn Agent>,
    containment: Containment,
    confiner: Option<Confiner>,
}

impl Worker {
    /// A worker for the attempt of `config`. With [`Containment::Dedicated`] nothing that agent or checks start outlives
    /// them; it is for a process that runs this one attempt and nothing else. Nothing is confined: that takes a process of
    /// its own, [`worker_main`](crate::worker_main).
    pub fn new(config: WorkerConfig, agent: Arc<dyn Agent>, containment: Containment) -> Self {
        Self { config, agent, containment, confiner: None }
    }

    /// The same, with agent, `setup` and checks kept in.
    pub(crate) fn confined(self, confiner: Confiner) -> Self {
        Self { confiner: Some(confiner), ..self }
    }

    /// Works the attempt to its end and delivers the report. When `stop` ends, so does the work, as `cancelled`.
    ///
    /// Steps of git block and know no time limits: they run on threads of the runtime that are left behind at the
    /// deadline, so a program that must end then calls [`std::process::exit`].
    pub async fn run(&self, reporter: &dyn Reporter, stop: impl Future<Output = ()>) -> Report {
        let budget = Budget::starting_now(self.config.deadline);
        let report = self.work(budget, stop).await;
        let failure = report.result.failure.as_ref();
        tracing::info!(attempt = %report.attempt, cause = ?failure, "{}", report.result.summary);
        if let Some(path) = &self.config.final_message {
            let message = report.result.final_message(report.attempt.clone());
            if let Err(error) = report::write_final_message(path, &message) {
                tracing::error!(path = %path.display(), %error, "the final message was not written");
            }
        }
        let stopped = failure == Some(&Cause::Cancelled);
        let limit = budget.report_left().min(if stopped { REPORT_WHEN_STOPPED } else { Duration::MAX });
        if let Err(error) = report::deliver(&report, reporter, limit).await {
            tracing::error!(%error, "the report was not delivered; the final message stands for it");
        }
        report
    }

    /// Works the attempt to its end without telling anybody.
    async fn work(&self, budget: Budget, stop: impl Future<Output = ()>) -> Report {
        let mut journal = Journal::new(Redactor::new(self.config.secrets()));
        journal.record(Event::AttemptStarted(AttemptStarted {
            attempt_id: self.config.attempt.clone(),
            status: "running".to_owned(),
            started_at: Some(Utc::now()),
        }));
        let attempt = Attempt::new(self, budget, &mut journal).run();
        let end = tokio::select! {
            end = attempt => end,
            () = stop => Err(Failure::new(Cause::Cancelled, "the worker was told to stop")),
        };
        let result = match end {
            Ok(pushed) => {
                let result =
                    AttemptResult::succeeded(pushed.summary).with_branch(pushed.branch, pushed.commit);
                match pushed.pull_request {
                    Some(request) => result.with_pull_request(request.number, request.url),
                    None => result,
                }
            }
            Err(failure) => {
                AttemptResult::failed(failure.cause, clip(&journal.redact(&failure.summary), SUMMARY_LIMIT))
            }
        };
        Report {
            attempt: self.config.attempt.clone(),
            target: self.config.target.clone(),
            ended_at: Utc::now(),
            result,
            journal,
        }
    }
}
