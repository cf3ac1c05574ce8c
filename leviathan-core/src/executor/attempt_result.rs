//! `AttemptResult`: how an attempt ended, as one's own executor says it.

use super::{Cause, FinalMessage, ReportedOutcome};
use crate::artifact::ArtifactRef;
use crate::id::AttemptId;

/// What [`RunAttempt::run`](super::RunAttempt::run) returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
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
    pub summary: String,
    /// What it left in the artifact store.
    pub artifacts: Vec<ArtifactRef>,
}

impl AttemptResult {
    /// A success with a sentence of what was done.
    pub fn succeeded(summary: impl Into<String>) -> Self {
        Self {
            failure: None,
            branch: None,
            commit: None,
            pr_url: None,
            pr_number: None,
            summary: summary.into(),
            artifacts: Vec::new(),
        }
    }

    /// A failure with its cause and a sentence of what went wrong.
    pub fn failed(cause: Cause, summary: impl Into<String>) -> Self {
        Self { failure: Some(cause), ..Self::succeeded(summary) }
    }

    /// The branch that holds the work, and its tip.
    #[must_use]
    pub fn with_branch(self, branch: impl Into<String>, commit: impl Into<String>) -> Self {
        Self { branch: Some(branch.into()), commit: Some(commit.into()), ..self }
    }

    /// The pull request that asks for the work to be merged.
    #[must_use]
    pub fn with_pull_request(self, number: u64, url: impl Into<String>) -> Self {
        Self { pr_number: Some(number), pr_url: Some(url.into()), ..self }
    }

    /// The same as a worker's last word.
    pub fn final_message(&self, attempt_id: AttemptId) -> FinalMessage {
        let outcome =
            if self.failure.is_none() { ReportedOutcome::Succeeded } else { ReportedOutcome::Failed };
        FinalMessage {
            v: 1,
            attempt_id,
            outcome,
            cause: self.failure.clone(),
            branch: self.branch.clone(),
            commit: self.commit.clone(),
            pr_url: self.pr_url.clone(),
            pr_number: self.pr_number,
            summary: self.summary.clone(),
        }
    }
}
