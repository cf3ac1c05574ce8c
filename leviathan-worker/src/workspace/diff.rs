//! The difference between the base and the tree that is going to be committed.

use super::Origin;
use super::git_failure::local_failure;
use crate::Failure;
use git2::{
    Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffFormat, DiffOptions, FileMode, Oid, Repository,
};
use leviathan_core::executor::Cause;
use leviathan_core::policy::{Change, ChangeKind, TreeEntry};

/// Each path that differs, for the policy to judge.
///
/// # Errors
/// `policy_violation` if git cannot compare the trees.
pub(crate) fn changes(origin: &Origin, tree: Oid) -> Result<Vec<Change>, Failure> {
    let list = || changes_between(&origin.open()?, origin.base(), tree);
    list().map_err(local_failure(Cause::PolicyViolation, "comparing the work with the base"))
}

/// The same in any repository that has the commit and the tree.
pub(crate) fn changes_between(
    repository: &Repository,
    base: Oid,
    tree: Oid,
) -> Result<Vec<Change>, git2::Error> {
    let diff = diff(repository, base, tree)?;
    diff.deltas().map(|delta| change(repository, &delta)).collect()
}

fn change(repository: &Repository, delta: &DiffDelta<'_>) -> Result<Change, git2::Error> {
    let (old, new) = (delta.old_file(), delta.new_file());
    let path = |file: &DiffFile<'_>| file.path_bytes().unwrap_or_default().to_vec();
    let kind = match delta.status() {
        Delta::Added => ChangeKind::Added,
        Delta::Deleted => ChangeKind::Deleted,
        Delta::Renamed | Delta::Copied => ChangeKind::Renamed,
        Delta::Typechange => ChangeKind::TypeChanged,
        _ if old.id() == new.id() && old.mode() != new.mode() => ChangeKind::ModeChanged,
        _ => ChangeKind::Modified,
    };
    let shown = if kind == ChangeKind::Deleted { &old } else { &new };
    let entry = match shown.mode() {
        FileMode::Link => TreeEntry::Symlink { target: repository.find_blob(shown.id())?.content().to_vec() },
        FileMode::Commit => TreeEntry::Submodule,
        FileMode::Tree => TreeEntry::Folder,
        FileMode::BlobExecutable => TreeEntry::Executable,
        _ => TreeEntry::File,
    };
    let sized = kind != ChangeKind::Deleted && entry != TreeEntry::Submodule;
    let size = if sized { repository.odb()?.read_header(new.id())?.0 as u64 } else { 0 };
    let old_path = (kind == ChangeKind::Renamed).then(|| path(&old));
    Ok(Change { path: path(shown), old_path, kind, entry, size })
}

/// The difference as a patch, from which git makes the tree again, cut behind `limit` bytes with a line that says so.
///
/// # Errors
/// `policy_violation` if git cannot compare the trees.
pub(crate) fn patch(origin: &Origin, tree: Oid, limit: usize) -> Result<Vec<u8>, Failure> {
    let print = || {
        let repository = origin.open()?;
        let mut text = Vec::new();
        let mut whole = true;
        let printed = diff(&repository, origin.base(), tree)?.print(DiffFormat::Patch, |_, _, line| {
            whole = text.len() + line.content().len() < limit;
            if whole {
                if matches!(line.origin(), '+' | '-' | ' ') {
                    text.push(line.origin() as u8);
                }
                text.extend_from_slice(line.content());
            }
            whole
        });
        if whole {
            printed?;
        } else {
            text.extend_from_slice(
                format!("\n[… cut here: the patch is larger than {limit} bytes …]\n").as_bytes(),
            );
        }
        Ok(text)
    };
    print().map_err(local_failure(Cause::PolicyViolation, "writing the patch"))
}

fn diff(repository: &Repository, base: Oid, tree: Oid) -> Result<Diff<'_>, git2::Error> {
    let base = repository.find_commit(base)?.tree()?;
    let tree = repository.find_tree(tree)?;
    let mut options = DiffOptions::new();
    // With what is binary, so that a patch makes the tree again.
    options.include_typechange(true).show_binary(true);
    let mut diff = repository.diff_tree_to_tree(Some(&base), Some(&tree), Some(&mut options))?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    Ok(diff)
}
