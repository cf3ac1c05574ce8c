//! `FileEventStore`: the store itself.

use super::batch::Batch;
use super::directory;
use super::index::Index;
use super::lock::Lock;
use super::read::Events;
use super::recover::recover;
use super::writer::{Job, Writer};
use super::{OpenLogError, Recovery};
use async_trait::async_trait;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::fmt::Display;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

/// How large a segment grows before the next one is begun (64 MiB).
pub const DEFAULT_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Appends that wait for the writer, at most; more wait for their turn to wait.
const MAX_WAITING: usize = 64;

/// A log in a directory of this machine; the [module](super) says what lies there.
///
/// One thread writes; an append that was handed to it is done whole even if its caller goes away. After a failed write or
/// sync nothing more is written: that append is `Unavailable` (certainly not in the log) or `Unknown`, and every later
/// one, and `settled`, is `Corrupt` until the log is opened again. What is durable stays readable.
///
/// Reading uses Tokio's blocking threads: call it within a Tokio runtime. Dropping the store waits for the append in
/// hand, and gives the directory free.
#[derive(Debug)]
pub struct FileEventStore {
    directory: PathBuf,
    index: Arc<RwLock<Index>>,
    head: watch::Receiver<Head>,
    /// None only while the store is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    /// Given back last, when the writer has ended.
    _lock: Lock,
}

impl FileEventStore {
    /// Opens the log in `directory`, or begins an empty one; verifies all of it, and says what it found.
    ///
    /// This blocks, and reads the whole log.
    ///
    /// # Errors
    /// [`OpenLogError`].
    pub fn open(directory: impl AsRef<Path>) -> Result<(Self, Recovery), OpenLogError> {
        Self::open_with(directory, DEFAULT_SEGMENT_BYTES)
    }

    /// Like [`open`](Self::open), with segments that are closed once they hold `segment_bytes`. A batch is never split,
    /// so a segment may be larger by one batch.
    ///
    /// # Errors
    /// [`OpenLogError`].
    pub fn open_with(
        directory: impl AsRef<Path>,
        segment_bytes: u64,
    ) -> Result<(Self, Recovery), OpenLogError> {
        let directory = directory.as_ref().to_owned();
        directory::create(&directory)?;
        let lock = Lock::take(&directory)?;
        let (index, recovery) = recover(&directory)?;
        if let Some(torn) = &recovery.torn {
            tracing::warn!("the log ended in the middle of an append: {torn}");
        }
        let index = Arc::new(RwLock::new(index));
        let (told, head) = watch::channel(recovery.head);
        let writer = Writer::open(directory.clone(), segment_bytes, Arc::clone(&index), told)
            .map_err(OpenLogError::io("write to the last segment in", &directory))?;
        let (jobs, queue) = mpsc::channel(MAX_WAITING);
        let writer = std::thread::Builder::new()
            .name("leviathan-log".to_owned())
            .spawn(move || writer.run(queue))
            .map_err(OpenLogError::io("start the writer of", &directory))?;
        let store = Self { directory, index, head, jobs: Some(jobs), writer: Some(writer), _lock: lock };
        Ok((store, recovery))
    }

    /// Where it is kept.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The last durable event.
    pub fn head(&self) -> Head {
        *self.head.borrow()
    }

    /// Writes the log behind `after` to `out` in its verifiable form, without the commit lines, and returns the head
    /// that it ends at. What is appended meanwhile is left out.
    ///
    /// This blocks, and holds one event in memory at a time.
    ///
    /// # Errors
    /// `Unavailable` if the log can't be read or `out` can't be written, `Corrupt` if a segment is damaged.
    pub fn export(&self, after: Position, out: &mut impl Write) -> Result<Head, StoreError> {
        let head = self.head();
        for line in self.events(after, head.position) {
            let (_, line) = line?;
            out.write_all(&line).map_err(|error| unavailable("the export could not be written", error))?;
        }
        out.flush().map_err(|error| unavailable("the export could not be written", error))?;
        Ok(head)
    }

    /// The lines of the events behind `after` up to and with `last`, as far as there are any.
    fn events(&self, after: Position, last: Position) -> Events {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let first = Position::new(after.get().saturating_add(1));
        let last = last.min(index.head.position);
        Events::new(self.directory.clone(), index.locate(first), first, last)
    }

    /// Gives the writer a job and waits for its answer.
    async fn ask(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<(), StoreError>>) -> Job,
    ) -> Result<(), StoreError> {
        let (done, answer) = oneshot::channel();
        let unavailable = || StoreError::new(StoreErrorKind::Unavailable, "the log's writer has ended");
        let jobs = self.jobs.as_ref().ok_or_else(unavailable)?;
        jobs.send(job(done)).await.map_err(|_| unavailable())?;
        let unknown =
            |_| StoreError::new(StoreErrorKind::Unknown, "the log's writer ended before it answered");
        answer.await.map_err(unknown)?
    }
}

impl Drop for FileEventStore {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // If it panicked, that was reported where it happened, and its callers were told `Unknown`.
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl EventStore for FileEventStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        let batch = Batch::encode(head, events)?;
        self.ask(|done| Job::Append { head: *head, batch, done }).await
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        let last = Position::new(after.get().saturating_add(limit.get() as u64));
        let events = self.events(after, last);
        blocking(move || events.recorded().collect()).await
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        let one = |position: &Position| {
            let before = Position::new(position.get().checked_sub(1)?);
            Some(self.events(before, *position))
        };
        let asked: Vec<_> = positions.iter().filter_map(one).collect();
        blocking(move || asked.into_iter().flat_map(Events::recorded).collect()).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.ask(|done| Job::Settle { done }).await?;
        Ok(self.get(&[at]).await?.first().map(|event| event.head.hash))
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        let mut head = self.head.clone();
        let ended = |error| unavailable("the log's writer has ended", error);
        head.wait_for(|head| head.position > after).await.map(drop).map_err(ended)
    }
}

/// Reads on a thread that may block.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let ended = |error| unavailable("reading the log was given up", error);
    tokio::task::spawn_blocking(read).await.map_err(ended)?
}

fn unavailable(what: impl Display, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format_args!("{what}: {error}")).with_source(error)
}
