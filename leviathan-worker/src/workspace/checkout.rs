//! The agent's checkout: the base's files, with a throwaway repository of their own.

use super::Origin;
use super::git_failure::local_failure;
use crate::Failure;
use git2::{IndexAddOption, Repository, Signature, build::CheckoutBuilder};
use leviathan_core::executor::Cause;
use std::path::Path;

/// Writes the base's files into the new folder `dir`, and beside them a repository with the one commit `base` and no
/// remote, so that `git diff` and `git status` work there. Nothing in that repository is ever read again.
///
/// # Errors
/// `clone_failed` if the files cannot be written.
pub(crate) fn check_out(origin: &Origin, dir: &Path) -> Result<(), Failure> {
    let write = || {
        let bare = origin.open()?;
        let tree = bare.find_commit(origin.base())?.tree()?;
        let mut options = CheckoutBuilder::new();
        options.target_dir(dir).force().recreate_missing(true).update_index(false);
        bare.checkout_tree(tree.as_object(), Some(&mut options))?;

        let throwaway = Repository::init(dir)?;
        let mut index = throwaway.index()?;
        // Forced: a file of the base is in the base, whatever its .gitignore says.
        index.add_all(["*"], IndexAddOption::FORCE, None)?;
        index.write()?;
        let tree = throwaway.find_tree(index.write_tree()?)?;
        let nobody = Signature::now("Leviathan", "leviathan@localhost")?;
        throwaway.commit(Some("HEAD"), &nobody, &nobody, "base", &tree, &[])?;
        Ok(())
    };
    std::fs::create_dir_all(dir).map_err(|error| {
        Failure::new(Cause::CloneFailed, format!("making {} failed: {error}", dir.display()))
    })?;
    write().map_err(local_failure(Cause::CloneFailed, "checking out the base commit"))
}
