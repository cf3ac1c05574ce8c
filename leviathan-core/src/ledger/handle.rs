//! `Ledger`: what callers hold.

use super::{LedgerError, LedgerTask, PAGE, QUEUE, SubmitError};
use crate::clock::Clock;
use crate::decide::Command;
use crate::graph::Graph;
use crate::id::LogId;
use crate::log::{Head, Position};
use crate::store::{EventStore, StoreError};
use futures::channel::{mpsc, oneshot};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// A handle to the one door to the log. Cheap to clone; the door itself is the [`LedgerTask`] that the host runs.
#[derive(Clone)]
pub struct Ledger {
    /// One sender for all handles: a channel gives each clone of a sender a place of its own, and so would never be full.
    queue: Arc<Mutex<mpsc::Sender<Submitted>>>,
    shared: Arc<Shared>,
}

/// What callers and the task share.
pub(super) struct Shared {
    pub(super) graph: RwLock<Graph>,
    pub(super) store: Arc<dyn EventStore>,
    stopped: Mutex<Option<String>>,
    waiting: Mutex<Vec<(Position, oneshot::Sender<()>)>>,
    unanswered: AtomicUsize,
}

/// A command on its way, with where its answer goes.
pub(super) struct Submitted {
    pub(super) command: Command,
    pub(super) answer: oneshot::Sender<Result<Receipt, SubmitError>>,
}

/// What a log begins with, if there is none yet. The host draws the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// The log's random name.
    pub log_id: LogId,
    /// A name for people.
    pub name: String,
}

/// What a command came to, durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// How many events were recorded for it. None if everything was as the command wants it already.
    pub recorded: usize,
    /// How many events of its bundle are events of the log already.
    pub duplicates: usize,
    /// The head of the log behind its events, or where it was when there was nothing to record.
    pub head: Head,
}

impl Ledger {
    /// Opens the log of `store`, begins it if it is empty, verifies it, and projects it.
    ///
    /// The host spawns [`LedgerTask::run`]; without it every command waits. Dropping the last handle ends the task.
    ///
    /// # Errors
    /// [`LedgerError`] if the store does not answer or the log is damaged.
    ///
    /// ```
    /// # use leviathan_core::{Clock, Ledger, NewLog, Timestamp, id::LogId, store::MemoryEventStore};
    /// # use std::{sync::Arc, time::Duration};
    /// # #[derive(Debug)] struct Fixed;
    /// # impl Clock for Fixed {
    /// #     fn now(&self) -> Timestamp { leviathan_core::parse_timestamp("2026-01-24T10:00:00Z").unwrap() }
    /// #     fn sleep(&self, _: Duration) -> futures::future::BoxFuture<'static, ()> { Box::pin(std::future::ready(())) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), leviathan_core::LedgerError> {
    /// let new = NewLog { log_id: LogId::from_u128(7), name: "example".into() };
    /// let (ledger, task) = Ledger::open(Arc::new(MemoryEventStore::default()), Arc::new(Fixed), new).await?;
    /// # let _ = task;
    /// assert_eq!(ledger.read(|graph| graph.head().position.get()), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        new: NewLog,
    ) -> Result<(Self, LedgerTask), LedgerError> {
        Self::open_with(store, clock, new, None).await
    }

    /// The same, from a [`snapshot`](Self::snapshot) that was taken of this log before: only what stands behind it is
    /// read, verified and projected. What stands before it was verified when the snapshot was made.
    ///
    /// A snapshot that does not fit the program or the log is thrown away with a warning, and the log is read from its
    /// start.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        new: NewLog,
        snapshot: Option<&[u8]>,
    ) -> Result<(Self, LedgerTask), LedgerError> {
        let (queue, commands) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared {
            graph: RwLock::default(),
            store,
            stopped: Mutex::default(),
            waiting: Mutex::default(),
            unanswered: AtomicUsize::new(0),
        });
        let mut task = LedgerTask::new(commands, shared.clone(), clock);
        if let Some(snapshot) = snapshot {
            task.resume(snapshot).await?;
        }
        task.begin(&new).await?;
        Ok((Self { queue: Arc::new(Mutex::new(queue)), shared }, task))
    }

    /// Has a command decided and its events recorded.
    ///
    /// The answer comes once they are durable. If the returned future is dropped, the command is recorded whole or not at
    /// all.
    ///
    /// # Errors
    /// [`SubmitError`]; in each case but `Stopped` nothing was recorded.
    pub async fn submit(&self, command: Command) -> Result<Receipt, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let _unanswered = Unanswered::count(&self.shared.unanswered);
        let sent =
            self.queue.lock().unwrap_or_else(PoisonError::into_inner).try_send(Submitted { command, answer });
        match sent {
            Err(error) if error.is_full() => return Err(SubmitError::Overloaded { waiting: QUEUE }),
            Err(_) => return Err(self.shared.stopped_error()),
            Ok(()) => {}
        }
        answered.await.unwrap_or_else(|_| Err(self.shared.stopped_error()))
    }

    /// How many commands wait to be answered, of those whose callers still wait for it.
    pub fn waiting(&self) -> usize {
        self.shared.unanswered.load(Ordering::Relaxed)
    }

    /// Looks at the graph. `look` must be short: while it runs nothing can be evolved.
    pub fn read<R>(&self, look: impl FnOnce(&Graph) -> R) -> R {
        look(&self.shared.graph.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The graph as bytes, from which [`open_with`](Self::open_with) goes on. Nothing can be evolved while it is made, which
    /// takes time in proportion to the graph.
    pub fn snapshot(&self) -> Vec<u8> {
        self.read(Graph::snapshot)
    }

    /// Returns once the graph has moved past `after`, or the ledger has stopped.
    pub async fn moved_past(&self, after: Position) {
        let moved = {
            let mut waiting = self.shared.waiting();
            if self.read(|graph| graph.head().position > after) || self.shared.stopped().is_some() {
                return;
            }
            let (sender, moved) = oneshot::channel();
            waiting.retain(|(_, waiting)| !waiting.is_canceled());
            waiting.push((after, sender));
            moved
        };
        // The sender goes away unused only with the ledger itself.
        let _ = moved.await;
    }

    /// Where the log ends by its store, asked now, so that whatever was durable before stands there or before it. The
    /// graph may not have come so far: see [`moved_past`](Self::moved_past).
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer.
    pub async fn read_head(&self) -> Result<Position, StoreError> {
        let mut head = self.read(|graph| graph.head().position);
        while let Some(last) = self.shared.store.read(head, PAGE).await?.last() {
            head = last.head.position;
        }
        Ok(head)
    }

    /// Why the ledger has stopped, if it has. It is then opened anew.
    pub fn stopped(&self) -> Option<String> {
        self.shared.stopped().clone()
    }

    /// The store of the log, for reading events.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.shared.store
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("store", &self.shared.store).finish_non_exhaustive()
    }
}

/// One command that was not answered yet.
struct Unanswered<'a>(&'a AtomicUsize);

impl<'a> Unanswered<'a> {
    fn count(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// Wakes everybody who waits for the graph to move past a position that it is now past.
    pub(super) fn moved_to(&self, position: Position) {
        let mut waiting = self.waiting();
        let (past, rest) = waiting.drain(..).partition(|(after, _)| *after < position);
        *waiting = rest;
        let past: Vec<(Position, oneshot::Sender<()>)> = past;
        for (_, sender) in past {
            // Whoever stopped waiting needs no word.
            let _ = sender.send(());
        }
    }

    /// Says for good why nothing more is taken.
    pub(super) fn stop(&self, why: String) {
        self.stopped().get_or_insert(why);
        self.waiting().clear();
    }

    pub(super) fn stopped_error(&self) -> SubmitError {
        let why = self.stopped().clone();
        SubmitError::Stopped(why.unwrap_or_else(|| "its task is not running any more".to_owned()))
    }

    fn stopped(&self) -> MutexGuard<'_, Option<String>> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<(Position, oneshot::Sender<()>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
