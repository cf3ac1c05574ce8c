//! `Origin`: the bare clone that knows the remote, out of the agent's reach.

use super::git_failure::{Step, local_failure, remote_failure};
use super::{Place, Remote};
use crate::Failure;
use git2::{AutotagOption, FetchOptions, Oid, RemoteRedirect, Repository};
use leviathan_core::executor::Cause;
use std::path::{Path, PathBuf};

/// The bare clone, with the commit that work starts from and the tip that the work's branch had when it was made.
///
/// It holds no open repository: each step opens it afresh, so that steps may run on any thread.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    dir: PathBuf,
    remote: Remote,
    base: Oid,
    work_branch: String,
    seen_tip: Option<Oid>,
}

/// All of the history, for a fetch that deepens a shallow clone.
const WHOLE_HISTORY: i32 = i32::MAX;

impl Origin {
    /// Clones `branch` of the remote into `dir`: only its tip from a server, all of it from a path, where git knows no
    /// other way. Work starts from `commit`, else from the branch's tip. Blocks, without a limit of its own.
    ///
    /// # Errors
    /// `clone_denied` where the remote says no; `clone_failed` where it cannot be reached or does not have the commit;
    /// `config_error` for a branch that it does not have and for a commit that is no commit id.
    pub(crate) fn clone_from(
        remote: Remote,
        dir: PathBuf,
        branch: &str,
        commit: Option<&str>,
        work_branch: String,
    ) -> Result<Self, Failure> {
        let wanted = commit.map(commit_id).transpose()?;
        let repository = Repository::init_bare(&dir)
            .map_err(local_failure(Cause::CloneFailed, "making the bare clone"))?;
        let depth = matches!(remote.place(), Place::Http { .. }).then_some(1);
        let heads = match fetch(&repository, &remote, branch, depth) {
            // Not every server can give a part of the history.
            Err(failure) if depth.is_some() && failure.summary.contains("shallow") => {
                fetch(&repository, &remote, branch, None)?
            }
            fetched => fetched?,
        };
        let head = |name: &str| {
            let name = format!("refs/heads/{name}");
            heads.iter().find(|(head, _)| *head == name).map(|(_, id)| *id)
        };
        let tip = head(branch).ok_or_else(|| {
            let summary =
                format!("{} has no branch {branch}; TARGET_BRANCH names the one to use", remote.url());
            Failure::new(Cause::ConfigError, summary)
        })?;
        let base = wanted.unwrap_or(tip);
        if repository.find_commit(base).is_err() && repository.is_shallow() {
            fetch(&repository, &remote, branch, Some(WHOLE_HISTORY))?;
        }
        repository.find_commit(base).map_err(|_| {
            let summary = format!("{} has no commit {base} on its branch {branch}", remote.url());
            Failure::new(Cause::CloneFailed, summary)
        })?;
        let seen_tip = head(&work_branch);
        Ok(Self { dir, remote, base, work_branch, seen_tip })
    }

    /// The commit that work starts from.
    pub(crate) fn base(&self) -> Oid {
        self.base
    }

    /// That commit's tree.
    ///
    /// # Errors
    /// `clone_failed` if the clone cannot be read.
    pub(crate) fn base_tree(&self) -> Result<Oid, Failure> {
        let read = || Ok(self.open()?.find_commit(self.base)?.tree_id());
        read().map_err(local_failure(Cause::CloneFailed, "reading the base commit"))
    }

    /// The branch that the work goes to.
    pub(crate) fn work_branch(&self) -> &str {
        &self.work_branch
    }

    /// Where that branch stood when the clone was made.
    pub(crate) fn seen_tip(&self) -> Option<Oid> {
        self.seen_tip
    }

    pub(crate) fn remote(&self) -> &Remote {
        &self.remote
    }

    pub(crate) fn open(&self) -> Result<Repository, git2::Error> {
        // Not `open_bare`: it does not know where a shallow clone's history ends.
        Repository::open(&self.dir)
    }

    /// A file's bytes at the base commit; none if there is no such file.
    ///
    /// # Errors
    /// `clone_failed` if the clone cannot be read.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let read = || {
            let repository = self.open()?;
            let tree = repository.find_commit(self.base)?.tree()?;
            let entry = match tree.get_path(Path::new(path)) {
                Ok(entry) => entry,
                Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let object = entry.to_object(&repository)?;
            Ok(object.as_blob().map(|blob| blob.content().to_vec()))
        };
        read().map_err(local_failure(Cause::CloneFailed, &format!("reading {path} at {}", self.base)))
    }
}

fn commit_id(text: &str) -> Result<Oid, Failure> {
    let whole = text.len() == 40;
    Oid::from_str(text).ok().filter(|_| whole).ok_or_else(|| {
        let summary = format!("TARGET_COMMIT is {text:?}, expected the 40 hex digits of a commit");
        Failure::new(Cause::ConfigError, summary)
    })
}

/// Fetches one branch, and says what branches the remote has.
fn fetch(
    repository: &Repository,
    remote: &Remote,
    branch: &str,
    depth: Option<i32>,
) -> Result<Vec<(String, Oid)>, Failure> {
    let (callbacks, refusal) = remote.callbacks();
    let fetched = || {
        let mut options = FetchOptions::new();
        options.remote_callbacks(callbacks).follow_redirects(RemoteRedirect::None);
        options.download_tags(AutotagOption::None).update_fetchhead(false);
        if let Some(depth) = depth {
            options.depth(depth);
        }
        let mut connection = repository.remote_anonymous(&remote.url())?;
        let refspec = format!("+refs/heads/{branch}:refs/remotes/origin/{branch}");
        connection.fetch(&[refspec], Some(&mut options), None)?;
        Ok(connection.list()?.iter().map(|head| (head.name().to_owned(), head.oid())).collect())
    };
    fetched().map_err(|error| remote_failure(Step::Fetch, remote, &refusal, &error))
}
