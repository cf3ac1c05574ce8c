//! `Writer`: the one thread that writes a log.

use super::batch::Batch;
use super::directory::{self, segment_path};
use super::index::Index;
use leviathan_core::log::{Head, Position};
use leviathan_core::store::{StoreError, StoreErrorKind};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot, watch};

/// What the thread is asked to do, one after the other. Whoever asked may have gone away; it is done all the same.
#[derive(Debug)]
pub(super) enum Job {
    /// Append the batch behind `head`.
    Append { head: Head, batch: Batch, done: oneshot::Sender<Result<(), StoreError>> },
    /// Answer once every job before this one is done.
    Settle { done: oneshot::Sender<Result<(), StoreError>> },
}

/// Writes batches to the end of the log.
#[derive(Debug)]
pub(super) struct Writer {
    directory: PathBuf,
    segment_bytes: u64,
    index: Arc<RwLock<Index>>,
    head: watch::Sender<Head>,
    current: Option<Current>,
    /// Why nothing is written any more.
    poisoned: Option<String>,
}

/// The segment that is written to.
#[derive(Debug)]
struct Current {
    first: Position,
    file: File,
    end: u64,
}

/// How far an append came that failed.
enum Failure {
    /// Its last byte was not written: it can't be taken for whole.
    NotWritten(io::Error),
    /// It was written, and may or may not be on the disk.
    NotSynced(io::Error),
}

impl Writer {
    /// Goes on where `index` ends. `head` is told of every batch.
    pub(super) fn open(
        directory: PathBuf,
        segment_bytes: u64,
        index: Arc<RwLock<Index>>,
        head: watch::Sender<Head>,
    ) -> io::Result<Self> {
        let last = {
            let index = index.read().unwrap_or_else(PoisonError::into_inner);
            index.last().map(|segment| (segment.first, segment.end))
        };
        let reopen = |(first, end)| {
            let file = File::options().write(true).open(segment_path(&directory, first))?;
            io::Result::Ok(Current { first, file, end })
        };
        let current = last.map(reopen).transpose()?;
        Ok(Self { directory, segment_bytes, index, head, current, poisoned: None })
    }

    /// Does jobs until nobody can give any.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(job) = jobs.blocking_recv() {
            // Whoever let the request go is not interested in the answer.
            let _ = match job {
                Job::Append { head, batch, done } => done.send(self.append(head, &batch)),
                Job::Settle { done } => done.send(self.refuse_if_poisoned()),
            };
        }
    }

    fn append(&mut self, head: Head, batch: &Batch) -> Result<(), StoreError> {
        self.refuse_if_poisoned()?;
        let found = *self.head.borrow();
        if found != head {
            return Err(StoreError::conflict(&head, &found));
        }
        if batch.marks.is_empty() {
            return Ok(());
        }
        self.write(batch).map_err(|failure| {
            let (kind, what, error) = match failure {
                Failure::NotWritten(error) => (StoreErrorKind::Unavailable, "could not be written", error),
                Failure::NotSynced(error) => {
                    (StoreErrorKind::Unknown, "may not have reached the disk", error)
                }
            };
            let what = format!("the events behind {head} {what} in {}: {error}", self.directory.display());
            self.poisoned = Some(what.clone());
            tracing::error!("{what}; the log refuses appends until it is opened again");
            StoreError::new(kind, what).with_source(error)
        })
    }

    fn write(&mut self, batch: &Batch) -> Result<(), Failure> {
        let current = match self.current.take() {
            Some(current) if current.end == 0 || current.end < self.segment_bytes => current,
            _ => self.begin_segment().map_err(Failure::NotWritten)?,
        };
        let current = self.current.insert(current);
        current.file.write_all_at(&batch.bytes, current.end).map_err(Failure::NotWritten)?;
        current.file.sync_data().map_err(Failure::NotSynced)?;
        let bytes = batch.bytes.len() as u64;
        current.end += bytes;
        let first = current.first;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.commit(first, &batch.marks, bytes, batch.head);
        drop(index);
        self.head.send_replace(batch.head);
        Ok(())
    }

    fn begin_segment(&self) -> io::Result<Current> {
        let first = self.head.borrow().position.next();
        let file = File::options().write(true).create_new(true).open(segment_path(&self.directory, first))?;
        directory::sync(&self.directory)?;
        Ok(Current { first, file, end: 0 })
    }

    /// After a failed sync nobody knows what is on the disk, and a second sync would not say: only reading it anew does.
    fn refuse_if_poisoned(&self) -> Result<(), StoreError> {
        let Some(why) = &self.poisoned else { return Ok(()) };
        let what =
            format!("nothing was written: the log must be opened again after an append failed ({why})");
        Err(StoreError::new(StoreErrorKind::Corrupt, what))
    }
}
