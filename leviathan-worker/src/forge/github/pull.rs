//! `Pull`: a pull request as the API writes it.

use crate::forge::OpenPullRequest;
use leviathan_core::graph::PullRequestState;
use serde::Deserialize;

/// What we read of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) html_url: String,
    state: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    merged_at: Option<String>,
    pub(super) head: Side,
    pub(super) base: Side,
}

/// One of its two branches.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) sha: String,
    /// None once a fork was deleted.
    #[serde(default)]
    pub(super) repo: Option<Repo>,
}

/// The repository that a branch is in.
#[derive(Debug, Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
}

impl Pull {
    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }

    pub(super) fn state(&self) -> PullRequestState {
        match (self.is_open(), &self.merged_at) {
            (true, _) => PullRequestState::Open,
            (false, Some(_)) => PullRequestState::Merged,
            (false, None) => PullRequestState::Closed,
        }
    }

    pub(super) fn opened(self, created: bool) -> OpenPullRequest {
        OpenPullRequest { number: self.number, url: self.html_url, created }
    }
}
