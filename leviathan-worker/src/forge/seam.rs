//! `Forge`: the seam to whoever keeps pull requests.

use super::ForgeError;
use async_trait::async_trait;
use leviathan_core::Timestamp;
use leviathan_core::decide::SeenPullRequest;
use std::collections::BTreeSet;
use std::fmt;

/// Keeps the pull requests of one repository. Both calls try again, until `deadline`, whatever may work later, and both
/// may be repeated: the same words twice come to the same pull request.
#[async_trait]
pub trait Forge: fmt::Debug + Send + Sync + 'static {
    /// Has an open pull request of this branch say this: the one that is open, else a new one. One that was closed or
    /// merged is left as it is.
    ///
    /// # Errors
    /// [`ForgeError`]; whether there is a pull request now is not known.
    async fn propose(
        &self,
        draft: &PullRequestDraft,
        deadline: Timestamp,
    ) -> Result<OpenPullRequest, ForgeError>;

    /// How pull requests stand: all that are open and would merge a branch of this repository into `asked.base`, and those
    /// asked for that are not among them.
    ///
    /// # Errors
    /// [`ForgeError`]; then nothing is known of any.
    async fn pull_requests(
        &self,
        asked: &Asked,
        deadline: Timestamp,
    ) -> Result<Vec<SeenPullRequest>, ForgeError>;
}

/// What a pull request shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestDraft {
    /// The branch to merge, which must have been pushed.
    pub head: String,
    /// The branch to merge it into.
    pub base: String,
    /// Its title, one line.
    pub title: String,
    /// Its text, in Markdown.
    pub body: String,
}

/// A pull request that waits to be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPullRequest {
    /// Its number in its repository.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Whether it is new.
    pub created: bool,
}

/// The pull requests that somebody wants to know about, whether or not they are open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The branch that they are to be merged into. One that was merged into another counts as closed.
    pub base: String,
    /// Their numbers. One that the forge does not know counts as closed.
    pub numbers: BTreeSet<u64>,
    /// Branches whose newest pull request is asked for.
    pub branches: BTreeSet<String>,
}
