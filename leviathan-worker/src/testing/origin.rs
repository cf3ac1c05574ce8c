//! `TestOrigin`: a target's repository.

use git2::{Commit, FileMode, Oid, Repository, Signature};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A bare repository with a branch `main`, as a target's remote.
pub(crate) struct TestOrigin {
    dir: TempDir,
    repository: Repository,
}

impl TestOrigin {
    /// One commit with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(dir.path().join("origin.git")).unwrap();
        let origin = Self { dir, repository };
        origin.commit("refs/heads/main", files);
        origin
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("origin.git")
    }

    pub(crate) fn url(&self) -> String {
        self.path().display().to_string()
    }

    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Puts a commit with these files in place of others of the same name on top of a branch; a new branch is rooted.
    pub(crate) fn commit(&self, reference: &str, files: &[(&str, &str)]) -> Oid {
        let parent = self.repository.find_reference(reference).and_then(|tip| tip.peel_to_commit()).ok();
        let mut index = git2::Index::new().unwrap();
        if let Some(parent) = &parent {
            index.read_tree(&parent.tree().unwrap()).unwrap();
        }
        for (path, content) in files {
            let id = self.repository.blob(content.as_bytes()).unwrap();
            index.add(&entry(path, FileMode::Blob, id)).unwrap();
        }
        let tree = self.repository.find_tree(index.write_tree_to(&self.repository).unwrap()).unwrap();
        let author = Signature::now("Somebody", "somebody@example.com").unwrap();
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        self.repository.commit(Some(reference), &author, &author, "some work", &tree, &parents).unwrap()
    }

    /// The commit that a branch points to.
    pub(crate) fn tip(&self, branch: &str) -> Option<Commit<'_>> {
        self.repository
            .find_branch(branch, git2::BranchType::Local)
            .ok()?
            .into_reference()
            .peel_to_commit()
            .ok()
    }

    /// Refuses every push from now on with this sentence.
    pub(crate) fn refuse_pushes(&self, sentence: &str) {
        use std::os::unix::fs::PermissionsExt;
        let hook = self.path().join("hooks/pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\necho '{sentence}' >&2\nexit 1\n")).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A file on a branch.
    pub(crate) fn file(&self, branch: &str, path: &str) -> Option<String> {
        let tree = self.tip(branch)?.tree().unwrap();
        let object = tree.get_path(Path::new(path)).ok()?.to_object(&self.repository).unwrap();
        Some(String::from_utf8(object.as_blob()?.content().to_vec()).unwrap())
    }
}

fn entry(path: &str, mode: FileMode, id: Oid) -> git2::IndexEntry {
    let zero = git2::IndexTime::new(0, 0);
    git2::IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode: u32::from(mode),
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
