//! Finding known secrets in the work: what was pushed can't be taken back.

use super::Origin;
use super::git_failure::local_failure;
use crate::Failure;
use git2::{Oid, Repository, Tree};
use leviathan_core::executor::Cause;
use leviathan_core::policy::{Change, ChangeKind, TreeEntry};
use leviathan_core::redact::Redactor;
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// The changed paths of `tree` that hold a known secret, in their name or in what stands there.
///
/// # Errors
/// `policy_violation` if git cannot read the tree.
pub(crate) fn with_secrets(
    origin: &Origin,
    tree: Oid,
    changes: &[Change],
    redactor: &Redactor,
) -> Result<Vec<String>, Failure> {
    let look = || {
        let repository = origin.open()?;
        let tree = repository.find_tree(tree)?;
        let mut found = Vec::new();
        for change in changes.iter().filter(|change| change.kind != ChangeKind::Deleted) {
            if redactor.finds(&change.path) || holds_secret(&repository, &tree, change, redactor)? {
                found.push(String::from_utf8_lossy(&change.path).into_owned());
            }
        }
        Ok(found)
    };
    look().map_err(local_failure(Cause::PolicyViolation, "looking for secrets in the work"))
}

fn holds_secret(
    repository: &Repository,
    tree: &Tree<'_>,
    change: &Change,
    redactor: &Redactor,
) -> Result<bool, git2::Error> {
    match &change.entry {
        TreeEntry::Symlink { target } => Ok(redactor.finds(target)),
        TreeEntry::File | TreeEntry::Executable => {
            let entry = tree.get_path(Path::new(OsStr::from_bytes(&change.path)))?;
            Ok(redactor.finds(repository.find_blob(entry.id())?.content()))
        }
        TreeEntry::Submodule | TreeEntry::Folder => Ok(false),
    }
}
