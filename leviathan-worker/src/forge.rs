//! Forges: where pull requests are kept. Workers open them, hosts ask what became of them.

mod error;
mod github;
mod poller;
mod repository;
mod seam;

pub use error::{ForgeError, ForgeErrorKind};
pub use github::GitHub;
pub use poller::{ForgePoller, Refresh};
pub use seam::{Asked, Forge, OpenPullRequest, PullRequestDraft};

use error::Kinds;
use leviathan_core::{Clock, ForgeConfig, Secret};
use std::sync::Arc;

/// The forge that a target is configured with, if it has one. Nothing is sent yet.
///
/// # Errors
/// `Rejected` if the API's URL or the token cannot be used, the token is missing, or the repository's URL does not name an
/// owner and a repository.
pub fn open_forge(
    config: &ForgeConfig,
    repo_url: &str,
    token: Option<Secret>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Arc<dyn Forge>>, ForgeError> {
    match config {
        ForgeConfig::None => Ok(None),
        ForgeConfig::Github { api_url } => {
            let token = token.ok_or_else(|| {
                ForgeError::rejected(format!(
                    "the pull requests of {repo_url} are kept by the forge at {api_url}, and GITHUB_TOKEN is not set"
                ))
            })?;
            Ok(Some(Arc::new(GitHub::new(api_url, repo_url, token, clock)?)))
        }
        other => Err(ForgeError::rejected(format!("this version has no forge of kind {}", other.kind()))),
    }
}
