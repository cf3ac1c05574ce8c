//! The artifact store, in a directory and in an object store that is none.

use crate::block_on;
use bytes::Bytes;
use futures::{StreamExt, stream};
use leviathan_core::artifact::{ArtifactErrorKind, ArtifactStore, ArtifactStream, artifact_stream};
use leviathan_core::conformance::Harness;
use leviathan_core::log::Hash;
use leviathan_local::artifacts::ObjectArtifactStore;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use tempfile::TempDir;

/// Each store in a directory of its own.
struct Directories(Mutex<Vec<TempDir>>);

impl Directories {
    fn newest(&self) -> PathBuf {
        self.0.lock().unwrap().last().unwrap().path().to_owned()
    }
}

impl Harness for Directories {
    type Subject = ObjectArtifactStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> ObjectArtifactStore {
        self.0.lock().unwrap().push(TempDir::new().unwrap());
        ObjectArtifactStore::in_directory(self.newest()).unwrap()
    }

    async fn reopen(&self, store: ObjectArtifactStore) -> Option<ObjectArtifactStore> {
        drop(store);
        Some(ObjectArtifactStore::in_directory(self.newest()).unwrap())
    }
}

mod in_a_directory {
    leviathan_core::artifact_store_suite!(super::Directories(Default::default()));
}

/// Any other backend stands for those of clouds.
struct Elsewhere(Arc<Mutex<Arc<InMemory>>>);

impl Harness for Elsewhere {
    type Subject = ObjectArtifactStore;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        block_on(test)
    }

    async fn fresh(&self) -> ObjectArtifactStore {
        let objects = Arc::new(InMemory::new());
        *self.0.lock().unwrap() = Arc::clone(&objects);
        ObjectArtifactStore::new(objects, std::env::temp_dir())
    }

    async fn reopen(&self, _: ObjectArtifactStore) -> Option<ObjectArtifactStore> {
        let objects: Arc<dyn ObjectStore> = self.0.lock().unwrap().clone();
        Some(ObjectArtifactStore::new(objects, std::env::temp_dir()))
    }
}

mod in_another_object_store {
    leviathan_core::artifact_store_suite!(super::Elsewhere(Default::default()));
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// So many bytes in pieces of a megabyte.
fn megabytes(count: usize) -> impl Iterator<Item = Bytes> {
    (0..count).map(|n| Bytes::from(vec![n as u8; 1024 * 1024]))
}

fn source(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> ArtifactStream {
    stream::iter(pieces.map(Ok)).boxed()
}

#[test]
fn half_an_upload_leaves_no_file_behind() {
    let directory = TempDir::new().unwrap();
    block_on(async {
        let store = ObjectArtifactStore::in_directory(directory.path()).unwrap();
        let (asked, more) = tokio::sync::oneshot::channel();
        let mut asked = Some(asked);
        // Says when all but the end of it was taken in, and then never ends.
        let begun = megabytes(20).map(Ok);
        let stuck = stream::poll_fn(move |_| {
            asked.take().map(|asked| asked.send(()));
            std::task::Poll::Pending
        });
        let content = stream::iter(begun).chain(stuck).boxed();
        let put = {
            let store = store.clone();
            tokio::spawn(async move { store.put(content, None, u64::MAX).await })
        };
        more.await.unwrap();
        assert_eq!(files(directory.path()), Vec::<PathBuf>::new(), "what is spooled has no name");
        put.abort();
        assert!(put.await.unwrap_err().is_cancelled());

        let wrong = store.put(source(megabytes(20)), Some(Hash::ZERO), u64::MAX).await.unwrap_err();
        assert_eq!(wrong.kind(), ArtifactErrorKind::Mismatch);
        let large = store.put(source(megabytes(20)), None, 19 * 1024 * 1024).await.unwrap_err();
        assert_eq!(large.kind(), ArtifactErrorKind::TooLarge);
        assert_eq!(files(directory.path()), Vec::<PathBuf>::new());
    });
}

#[test]
fn an_artifact_is_a_file_named_by_its_hash_and_kept_once() {
    let directory = TempDir::new().unwrap();
    block_on(async {
        let store = ObjectArtifactStore::in_directory(directory.path().join("made/for/it")).unwrap();
        store.put(artifact_stream("hello\n"), None, 100).await.unwrap();
        store.put(artifact_stream("hello\n"), None, 100).await.unwrap();
        let hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        let path = directory.path().join("made/for/it/58").join(hash);
        assert_eq!(files(directory.path()), std::slice::from_ref(&path));
        assert_eq!(fs::read(path).unwrap(), b"hello\n");
    });
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    let directory = TempDir::new().unwrap();
    let taken = directory.path().join("taken");
    fs::write(&taken, "a file").unwrap();
    let error = ObjectArtifactStore::in_directory(&taken).unwrap_err();
    assert_eq!(error.kind(), ArtifactErrorKind::Unavailable);
    assert!(error.to_string().contains(taken.to_str().unwrap()), "{error}");
}

#[test]
fn a_backend_that_fails_is_unavailable_and_keeps_nothing() {
    let (directory, spool) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    block_on(async {
        let store = ObjectArtifactStore::in_directory(directory.path()).unwrap();
        // A file stands where the artifact's directory would.
        let bytes = Bytes::from_static(b"hello\n");
        let blocked = directory.path().join("58");
        fs::write(&blocked, "in the way").unwrap();
        let error = store.put(artifact_stream(bytes.clone()), None, 100).await.unwrap_err();
        assert_eq!(error.kind(), ArtifactErrorKind::Unavailable);
        assert!(error.to_string().contains("5891b5b5"), "{error}");
        fs::remove_file(blocked).unwrap();
        store.put(artifact_stream(bytes), None, 100).await.unwrap();

        let gone = spool.path().join("gone");
        let store = ObjectArtifactStore::new(Arc::new(InMemory::new()), &gone);
        let error = store.put(source(megabytes(20)), None, u64::MAX).await.unwrap_err();
        assert_eq!(error.kind(), ArtifactErrorKind::Unavailable);
        assert!(error.to_string().contains(gone.to_str().unwrap()), "{error}");
    });
}
