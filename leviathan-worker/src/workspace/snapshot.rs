//! `Snapshot`: what lies in the checkout, as a tree built by the bare clone.

use super::Origin;
use super::git_failure::local_failure;
use crate::Failure;
use git2::{Index, IndexAddOption, Oid, Repository};
use leviathan_core::executor::Cause;
use std::{os::unix::ffi::OsStrExt, path::Path};

/// What lay in the checkout at one moment. Nothing that happens there afterwards has a part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The tree.
    pub(crate) tree: Oid,
    /// What lies in the checkout and could not be taken into the tree: path and reason.
    pub(crate) refused: Vec<(String, &'static str)>,
}

/// The largest file that is taken into a commit. Bigger ones would be read whole before any policy could refuse them.
const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;

impl Snapshot {
    /// Takes everything in `checkout` but what its ignore files leave out. The repository and the git configuration in
    /// the checkout have no say.
    ///
    /// # Errors
    /// `policy_violation` if the checkout holds something that git cannot commit.
    pub(crate) fn take(origin: &Origin, checkout: &Path) -> Result<Self, Failure> {
        let real = std::fs::symlink_metadata(checkout).is_ok_and(|found| found.is_dir());
        if !real {
            let summary = "the agent put something else in the place of its checkout".to_owned();
            return Err(Failure::new(Cause::PolicyViolation, summary));
        }
        let take = || {
            let repository = origin.open()?;
            repository.set_workdir(checkout, false)?;
            take(&repository, origin.base(), checkout)
        };
        take().map_err(local_failure(Cause::PolicyViolation, "taking the checkout into a commit"))
    }
}

fn take(repository: &Repository, base: Oid, checkout: &Path) -> Result<Snapshot, git2::Error> {
    let mut index = Index::new()?;
    repository.set_index(&mut index)?;
    index.read_tree(&repository.find_commit(base)?.tree()?)?;
    let mut refused = Vec::new();
    let mut judge = |path: &Path, _pathspec: &[u8]| match reason_against(checkout, path) {
        Some(reason) => {
            refused.push((path.to_string_lossy().into_owned(), reason));
            SKIP
        }
        None => TAKE,
    };
    index.add_all(["*"], IndexAddOption::DEFAULT, Some(&mut judge))?;
    Ok(Snapshot { tree: index.write_tree_to(repository)?, refused })
}

const TAKE: i32 = 0;
const SKIP: i32 = 1;

/// Why a path of the checkout cannot be taken, if there is a reason. One that is gone is a deletion, which can.
fn reason_against(checkout: &Path, path: &Path) -> Option<&'static str> {
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Some("is a repository of its own");
    }
    let found = std::fs::symlink_metadata(checkout.join(path)).ok()?;
    (found.is_file() && found.len() > MAX_FILE_BYTES).then_some("is larger than 100 MiB")
}
