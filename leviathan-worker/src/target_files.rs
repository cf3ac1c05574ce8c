//! `TargetFiles`: what a host needs of a repository before it schedules anything.

use crate::Failure;
use crate::workspace::{Origin, Place, Remote};
use git2::{Direction, Repository};
use leviathan_core::Secret;
use leviathan_core::backlog::Backlog;
use leviathan_core::executor::Cause;
use leviathan_core::policy::Policy;

/// A repository's backlog and policy at the tip of a branch, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFiles {
    /// The tip, in 40 hex digits.
    pub commit: String,
    /// The backlog, if there is one.
    pub backlog: Option<String>,
    /// The policy, if there is one.
    pub policy: Option<String>,
}

/// Reads the backlog and the policy of `branch` of the repository at `url`, as a worker will: nothing if the branch still
/// stands at `known`.
///
/// Blocks, without a limit of its own: libgit2 knows no time limits.
///
/// # Errors
/// [`Failure`] with the cause that an attempt would end with, and a sentence that names the repository.
pub fn read_target(
    url: &str,
    branch: &str,
    token: Option<Secret>,
    known: Option<&str>,
) -> Result<Option<TargetFiles>, Failure> {
    let remote = Remote::new(url, token)?;
    if known.is_some() && tip(&remote, branch).as_deref() == known {
        return Ok(None);
    }
    let dir = tempfile::tempdir().map_err(|error| {
        Failure::new(Cause::CloneFailed, format!("no temporary folder can be made for {url}: {error}"))
    })?;
    let origin = Origin::clone_from(remote, dir.path().join("origin.git"), branch, None, String::new())?;
    let text = |path: &str| -> Result<Option<String>, Failure> {
        let Some(bytes) = origin.read(path)? else { return Ok(None) };
        let text = String::from_utf8(bytes);
        text.map(Some)
            .map_err(|_| Failure::new(Cause::ConfigError, format!("{path} of {url} is not UTF-8 text")))
    };
    Ok(Some(TargetFiles {
        commit: origin.base().to_string(),
        backlog: text(Backlog::PATH)?,
        policy: text(Policy::PATH)?,
    }))
}

/// Where a branch stands, if that can be told cheaply.
fn tip(remote: &Remote, branch: &str) -> Option<String> {
    let name = format!("refs/heads/{branch}");
    if let Place::Path(path) = remote.place() {
        return Some(Repository::open(path).ok()?.refname_to_id(&name).ok()?.to_string());
    }
    let (callbacks, _) = remote.callbacks();
    let mut detached = git2::Remote::create_detached(remote.url()).ok()?;
    let connection = detached.connect_auth(Direction::Fetch, Some(callbacks), None).ok()?;
    let head = connection.list().ok()?.iter().find(|head| head.name() == name)?.oid();
    Some(head.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TOKEN, TestOrigin};
    use leviathan_test_forge::GitServer;

    const FILES: &[(&str, &str)] = &[(Backlog::PATH, "[]"), ("README.md", "hello")];

    #[test]
    fn the_files_are_those_of_the_tip_and_are_read_again_only_once_it_moved() {
        let origin = TestOrigin::with(FILES);
        let first = read_target(&origin.url(), "main", None, None).unwrap().unwrap();
        assert_eq!((first.backlog.as_deref(), first.policy.as_deref()), (Some("[]"), None));
        assert_eq!(read_target(&origin.url(), "main", None, Some(&first.commit)), Ok(None));

        let moved = origin.commit("refs/heads/main", &[(Policy::PATH, "checks: []")]);
        let second = read_target(&origin.url(), "main", None, Some(&first.commit)).unwrap().unwrap();
        assert_eq!(second.commit, moved.to_string());
        assert_eq!((second.backlog.as_deref(), second.policy.as_deref()), (Some("[]"), Some("checks: []")));
    }

    #[test]
    fn a_server_is_asked_with_the_token() {
        let origin = TestOrigin::with(FILES);
        let server = GitServer::start(origin.path().parent().unwrap(), Some(TOKEN));
        let (url, token) = (server.url("origin.git"), Some(Secret::new(TOKEN)));
        let files = read_target(&url, "main", token.clone(), None).unwrap().unwrap();
        assert_eq!(files.backlog.as_deref(), Some("[]"));
        assert_eq!(read_target(&url, "main", token, Some(&files.commit)), Ok(None));
        assert_eq!(read_target(&url, "main", None, None).unwrap_err().cause, Cause::CloneDenied);
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let origin = TestOrigin::with(&[(Backlog::PATH, "[]")]);
        let missing = read_target("/nowhere/x.git", "main", None, None).unwrap_err();
        assert!(missing.summary.contains("/nowhere/x.git"), "{missing}");
        let branch = read_target(&origin.url(), "trunk", None, None).unwrap_err();
        assert!(branch.summary.contains("trunk"), "{branch}");
    }
}
