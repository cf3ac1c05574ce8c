//! What the tests share: real repositories in temporary folders, and a control plane that keeps what it is told.

mod git_server;

pub(crate) use git_server::{Answer, GitServer, TOKEN, refuse_pushes};

use crate::reporter::{NotDelivered, Reporter};
use async_trait::async_trait;
use bytes::Bytes;
use git2::{Commit, FileMode, Oid, Repository, Signature};
use leviathan_core::Bundle;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::log::Hash;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;
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

/// A control plane that keeps what it is told.
#[derive(Debug, Default)]
pub(crate) struct FakeControlPlane {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    artifacts: Vec<(ArtifactRef, Bytes)>,
    posted: Vec<Bundle>,
    refused: Option<String>,
}

impl FakeControlPlane {
    /// An artifact of this name is refused.
    pub(crate) fn refuse_artifact(&self, name: &str) {
        self.kept().refused = Some(name.to_owned());
    }

    /// Every bundle that arrived.
    pub(crate) fn posted(&self) -> Vec<Bundle> {
        self.kept().posted.clone()
    }

    /// The events of the last bundle, as the control plane reads them.
    pub(crate) fn events(&self) -> Vec<Event> {
        let last = self.posted().pop().expect("a bundle was posted");
        let read = Bundle::parse(&last.to_json()).expect("the bundle is in order");
        let decode = |event: &EventDraft| {
            Event::decode(
                event.event_type.as_str(),
                event.version,
                event.payload.as_str(),
                event.target.as_ref(),
            )
        };
        read.events.iter().map(|event| decode(event).unwrap()).collect()
    }

    /// The bytes that were stored under this name.
    pub(crate) fn artifact(&self, name: &str) -> Option<Bytes> {
        self.kept().artifacts.iter().find(|(about, _)| about.name == name).map(|(_, bytes)| bytes.clone())
    }

    /// Whether bytes of this digest were stored.
    pub(crate) fn holds(&self, sha256: &Hash) -> bool {
        self.kept().artifacts.iter().any(|(about, _)| about.sha256 == *sha256)
    }

    /// All that it was ever told, as text.
    pub(crate) fn all_text(&self) -> String {
        let kept = self.kept();
        let artifacts = kept.artifacts.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
        let bundles = kept.posted.iter().map(|bundle| String::from_utf8(bundle.to_json()).unwrap());
        artifacts.chain(bundles).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

#[async_trait]
impl Reporter for FakeControlPlane {
    async fn put_artifact(
        &self,
        about: &ArtifactRef,
        bytes: Bytes,
        _deadline: Instant,
    ) -> Result<(), NotDelivered> {
        let mut kept = self.kept();
        if kept.refused.as_ref() == Some(&about.name) {
            return Err(NotDelivered("refused".to_owned()));
        }
        assert_eq!(Hash::of(&bytes), about.sha256);
        kept.artifacts.push((about.clone(), bytes));
        Ok(())
    }

    async fn post_bundle(&self, bundle: &Bundle, _deadline: Instant) -> Result<(), NotDelivered> {
        self.kept().posted.push(bundle.clone());
        Ok(())
    }
}
