//! `Attempt`: one try at a task.

use super::{AttemptStatus, Positions, TaskKey};
use crate::Timestamp;
use crate::executor::{AttemptSpec, Cause, FinalMessage, ReportedOutcome};
use crate::id::{AttemptId, ExecutorName, TargetId};
use crate::log::Head;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One try at a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub attempt_id: AttemptId,
    /// The task that it tries; unknown until its `attempt.created` is seen.
    pub task: Option<TaskKey>,
    /// 1 for the task's first.
    pub attempt_number: u32,
    /// How far it is.
    pub state: AttemptState,
    /// The executor of ours that runs it. One without ends by its own report.
    pub executor: Option<ExecutorName>,
    /// What is launched. Once it has ended only the log has it.
    pub spec: Option<Arc<AttemptSpec>>,
    /// Where its `attempt.created`, or else the first event that names it, stands.
    pub created: Head,
    /// What its worker says.
    pub reported: Option<Report>,
    /// The number of the pull request that it opened, in its target's repository.
    pub pull_request: Option<u64>,
    /// Why somebody wants it to stop.
    pub cancel_requested: Option<String>,
    /// The positions of its events, oldest first.
    pub events: Positions,
    /// How many events contradicted what was already settled.
    pub anomalies: u32,
    /// When its worker began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How far an attempt is. Terminal states are sticky.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptState {
    /// Decided, not yet launched.
    Created,
    /// Taken by its executor.
    Submitted,
    /// Its worker runs.
    Running,
    /// It ended.
    Ended(Outcome),
    /// An operator took its result back, or the attempt itself while it was open.
    Invalidated {
        /// How it had ended; nothing if it was open.
        was: Option<Outcome>,
        /// Why.
        reason: String,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The work is done and pushed.
    Succeeded {
        /// True where the executor lost sight of it, so that only its worker vouches for the success.
        unconfirmed: bool,
    },
    /// It is not.
    Failed(Cause),
    /// It was told to stop, and did.
    Cancelled,
}

/// What an attempt's worker says of its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Nothing if it succeeded, else why not.
    pub failure: Option<Cause>,
    /// The branch that holds the work.
    pub branch: Option<String>,
    /// Its tip.
    pub commit: Option<String>,
    /// The pull request's page.
    pub pr_url: Option<String>,
    /// The pull request's number.
    pub pr_number: Option<u64>,
    /// What was done, or what went wrong, in a sentence.
    pub summary: Option<String>,
}

impl Attempt {
    /// Whether it is over: nothing that is said of it later changes its state, but for an operator's invalidation.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, AttemptState::Ended(_) | AttemptState::Invalidated { .. })
    }

    /// The target of its task, if that is known.
    pub fn target(&self) -> Option<&TargetId> {
        self.task.as_ref().map(|task| &task.target_id)
    }

    /// Whether it succeeded and its result still counts.
    pub fn has_succeeded(&self) -> bool {
        matches!(self.state, AttemptState::Ended(Outcome::Succeeded { .. }))
    }

    /// What an end that is told of it comes to: once somebody wanted it to stop, anything but a success is that.
    pub(crate) fn settles_as(&self, told: Outcome) -> Outcome {
        match told {
            Outcome::Failed(_) if self.executor.is_none() && self.cancel_requested.is_some() => {
                Outcome::Cancelled
            }
            told => told,
        }
    }

    /// Nothing more is launched of it.
    pub(super) fn settle(&mut self, end: AttemptState) {
        self.state = end;
        self.spec = None;
    }

    /// Its worker runs, unless that is over.
    pub(super) fn began(&mut self) {
        if matches!(self.state, AttemptState::Created | AttemptState::Submitted) {
            self.state = AttemptState::Running;
        }
    }

    /// How it ended, once it has, also if that does not count any more.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            AttemptState::Ended(outcome) => Some(outcome),
            AttemptState::Invalidated { was, .. } => was.as_ref(),
            _ => None,
        }
    }
}

impl AttemptState {
    /// The state in one word.
    pub fn status(&self) -> AttemptStatus {
        match self {
            Self::Created => AttemptStatus::Created,
            Self::Submitted => AttemptStatus::Submitted,
            Self::Running => AttemptStatus::Running,
            Self::Ended(Outcome::Succeeded { .. }) => AttemptStatus::Succeeded,
            Self::Ended(Outcome::Failed(_)) => AttemptStatus::Failed,
            Self::Ended(Outcome::Cancelled) => AttemptStatus::Cancelled,
            Self::Invalidated { .. } => AttemptStatus::Invalidated,
        }
    }

    /// The state's name as the API writes it.
    pub fn name(&self) -> &'static str {
        self.status().name()
    }
}

impl Report {
    /// Adds what a further report of the same outcome knows more; whether it says the same.
    pub(crate) fn merge(&mut self, other: Report) -> bool {
        let agrees = self.failure.is_none() == other.failure.is_none();
        if agrees {
            self.branch = self.branch.take().or(other.branch);
            self.commit = self.commit.take().or(other.commit);
            self.pr_url = self.pr_url.take().or(other.pr_url);
            self.pr_number = self.pr_number.or(other.pr_number);
            self.summary = self.summary.take().or(other.summary);
        }
        agrees
    }
}

impl From<&FinalMessage> for Report {
    fn from(message: &FinalMessage) -> Self {
        let failure = match message.outcome {
            ReportedOutcome::Succeeded => None,
            ReportedOutcome::Failed => Some(message.cause.clone().unwrap_or_else(Cause::unknown)),
        };
        Self {
            failure,
            branch: message.branch.clone(),
            commit: message.commit.clone(),
            pr_url: message.pr_url.clone(),
            pr_number: message.pr_number,
            summary: Some(message.summary.clone()).filter(|summary| !summary.is_empty()),
        }
    }
}
