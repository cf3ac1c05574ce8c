//! `Litter`: what the repository's own commands left in the checkout, which is no work of the agent.

use super::git_failure::local_failure;
use super::{Origin, Snapshot};
use crate::Failure;
use git2::{DiffFile, DiffOptions, FileMode, Index, IndexEntry, IndexTime, Oid, Repository};
use leviathan_core::executor::Cause;
use std::collections::{BTreeMap, BTreeSet};
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// What `setup` and `checks` changed, path by path. Where the agent leaves such a path as they left it, the change is
/// not its work and is not committed; where it goes on from there, it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Litter {
    changed: BTreeMap<Vec<u8>, Strewn>,
    refused: BTreeSet<String>,
}

/// What stood at a path before a command of ours ran, and what it left there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Strewn {
    before: Option<Entry>,
    after: Option<Entry>,
}

/// An entry of a tree: mode and content.
type Entry = (u32, Oid);

impl Litter {
    /// Notes what a command of ours changed between two snapshots.
    ///
    /// # Errors
    /// `policy_violation` if git cannot compare the trees.
    pub(crate) fn note(&mut self, origin: &Origin, before: Oid, after: &Snapshot) -> Result<(), Failure> {
        let mut compare = || -> Result<(), git2::Error> {
            let repository = origin.open()?;
            let (old, new) = (repository.find_tree(before)?, repository.find_tree(after.tree)?);
            let mut options = DiffOptions::new();
            options.include_typechange(true);
            let diff = repository.diff_tree_to_tree(Some(&old), Some(&new), Some(&mut options))?;
            for delta in diff.deltas() {
                let path = delta.new_file().path_bytes().or(delta.old_file().path_bytes());
                let (before, after) = (entry(&delta.old_file()), entry(&delta.new_file()));
                let strewn =
                    self.changed.entry(path.unwrap_or_default().to_vec()).or_insert(Strewn { before, after });
                strewn.after = after;
            }
            Ok(())
        };
        compare()
            .map_err(local_failure(Cause::PolicyViolation, "comparing the checkout with what it was"))?;
        self.refused.extend(after.refused.iter().map(|(path, _)| path.clone()));
        Ok(())
    }

    /// The agent's work: a snapshot without what it did not do.
    ///
    /// # Errors
    /// `policy_violation` if git cannot write the tree.
    pub(crate) fn leave_out(&self, origin: &Origin, snapshot: &Snapshot) -> Result<Snapshot, Failure> {
        let write = || {
            let repository = origin.open()?;
            let mut index = Index::new()?;
            index.read_tree(&repository.find_tree(snapshot.tree)?)?;
            for (path, strewn) in &self.changed {
                restore(&mut index, path, strewn)?;
            }
            self.write(&repository, index, snapshot)
        };
        write().map_err(local_failure(Cause::PolicyViolation, "taking the checkout into a commit"))
    }

    fn write(
        &self,
        repository: &Repository,
        mut index: Index,
        snapshot: &Snapshot,
    ) -> Result<Snapshot, git2::Error> {
        let refused = snapshot.refused.iter().filter(|(path, _)| !self.refused.contains(path));
        Ok(Snapshot { tree: index.write_tree_to(repository)?, refused: refused.cloned().collect() })
    }
}

fn restore(index: &mut Index, path: &[u8], strewn: &Strewn) -> Result<(), git2::Error> {
    let file = Path::new(OsStr::from_bytes(path));
    let now = index.get_path(file, 0).map(|entry| (entry.mode, entry.id));
    match strewn.before {
        _ if now != strewn.after => Ok(()),
        Some((mode, id)) => index.add(&index_entry(path, mode, id)),
        None => index.remove(file, 0),
    }
}

fn entry(file: &DiffFile<'_>) -> Option<Entry> {
    (file.mode() != FileMode::Unreadable).then(|| (u32::from(file.mode()), file.id()))
}

fn index_entry(path: &[u8], mode: u32, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}
