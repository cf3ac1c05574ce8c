//! `LedgerTask`: the actor behind the door.

use super::batch::Batch;
use super::handle::{NewLog, Shared, Submitted};
use super::{LedgerError, MAX_BATCH_EVENTS, PAGE, SubmitError};
use crate::clock::Clock;
use crate::event::payload::LogCreated;
use crate::event::{Event, EventDraft};
use crate::graph::{BadSnapshot, Graph};
use crate::id::ActorId;
use crate::log::{EventBody, Head, Position, RecordedEvent, SealedEvent, Verifier};
use crate::store::{StoreError, StoreErrorKind};
use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::stream::FusedStream;
use futures::{FutureExt, StreamExt};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The version of the log's format that is written.
const FORMAT: u32 = 1;
/// How long to wait before asking again for something that the store could not say.
const PAUSE: Duration = Duration::from_millis(200);

/// Takes commands one batch after another. The host runs it for as long as the ledger lives.
#[must_use = "without the task every command waits"]
pub struct LedgerTask {
    commands: mpsc::Receiver<Submitted>,
    waiting: VecDeque<Submitted>,
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

/// How an append ended.
enum Appended {
    Recorded,
    /// The log moved on, or what was sent is not in it.
    Moved,
    /// Nothing was recorded, and nothing will be for now.
    Refused(StoreError),
}

impl LedgerTask {
    pub(super) fn new(
        commands: mpsc::Receiver<Submitted>,
        shared: Arc<Shared>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { commands, waiting: VecDeque::new(), shared, clock }
    }

    /// Takes the graph of a snapshot, if the log has its hash at its position.
    pub(super) async fn resume(&mut self, snapshot: &[u8]) -> Result<(), LedgerError> {
        let refused = match Graph::from_snapshot(snapshot) {
            Err(refused) => refused,
            Ok(graph) => {
                let head = graph.head();
                if self.shared.store.settled(head.position).await? == Some(head.hash) {
                    *self.shared.graph.write().unwrap_or_else(PoisonError::into_inner) = graph;
                    return Ok(());
                }
                BadSnapshot::OtherLog { position: head.position }
            }
        };
        tracing::warn!(%refused, "a snapshot is of no use: the log is read from its start");
        Ok(())
    }

    /// Projects the log, and begins it if it is empty.
    pub(super) async fn begin(&mut self, new: &NewLog) -> Result<(), LedgerError> {
        loop {
            self.catch_up().await?;
            if self.head() != Head::EMPTY {
                return Ok(());
            }
            let now = self.clock.now();
            let created = LogCreated { log_id: new.log_id, name: new.name.clone(), format: FORMAT };
            let event = Event::LogCreated(created);
            let draft = EventDraft::decided(new.log_id, ActorId::control_plane(), None, now, &event);
            let sealed = SealedEvent::chain(Head::EMPTY, [EventBody::write(&draft, now)]);
            // If another process begins it first, its beginning is read in the next round.
            if let Appended::Refused(error) = self.append(Head::EMPTY, &sealed).await? {
                return Err(error.into());
            }
        }
    }

    /// Works until the last handle is dropped, or the store can't be trusted any more.
    pub async fn run(mut self) {
        if let Err(error) = self.work().await {
            tracing::error!(%error, "the ledger has stopped");
            self.shared.stop(error.to_string());
        }
    }

    async fn work(&mut self) -> Result<(), LedgerError> {
        let mut following = self.follow(Duration::ZERO);
        // Whether the log may have moved on unseen. An append that the store took shows that it had not.
        let mut may_lag = false;
        loop {
            let mut moved = None;
            if self.waiting.is_empty() {
                if self.commands.is_terminated() {
                    // The last handle went while commands waited, which are recorded now.
                    return Ok(());
                }
                futures::select_biased! {
                    submitted = self.commands.next() => match submitted {
                        Some(submitted) => self.waiting.push_back(submitted),
                        None => return Ok(()),
                    },
                    changed = (&mut following).fuse() => moved = Some(changed),
                }
            }
            if may_lag && moved.is_none() {
                // However many commands come of which nothing is appended: each batch looks at the log first.
                moved = (&mut following).now_or_never();
            }
            if let Some((after, changed)) = moved {
                following = self.log_moved(after, changed).await?;
            }
            while self.waiting.len() < MAX_BATCH_EVENTS
                && let Ok(submitted) = self.commands.try_recv()
            {
                self.waiting.push_back(submitted);
            }
            if !self.waiting.is_empty() {
                let head = self.head();
                self.take_batch().await?;
                may_lag = self.head() == head;
            }
        }
    }

    /// Waits until the log has moved past where it is now known to be.
    fn follow(&self, pause: Duration) -> BoxFuture<'static, (Position, Result<(), StoreError>)> {
        let (store, clock, after) = (self.shared.store.clone(), self.clock.clone(), self.head().position);
        async move {
            if !pause.is_zero() {
                clock.sleep(pause).await;
            }
            (after, store.changed(after).await)
        }
        .boxed()
    }

    /// Follows what another process appended behind `after`, a page at a time, and gives the next such wait. One that
    /// our own append has ended shows nothing new.
    async fn log_moved(
        &mut self,
        after: Position,
        changed: Result<(), StoreError>,
    ) -> Result<BoxFuture<'static, (Position, Result<(), StoreError>)>, LedgerError> {
        let followed = match changed {
            Ok(()) if self.head().position > after => Ok(false),
            Ok(()) => self.read_on().await,
            Err(error) => Err(error.into()),
        };
        match followed {
            Err(LedgerError::Store(error)) if error.kind() != StoreErrorKind::Corrupt => {
                tracing::warn!(%error, "the log can't be followed for now");
                Ok(self.follow(PAUSE))
            }
            followed => followed.map(|_| self.follow(Duration::ZERO)),
        }
    }

    async fn take_batch(&mut self) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let shared = self.shared.clone();
        let mut batch = read(&shared, |graph| Batch::gather(&mut self.waiting, graph, now));
        loop {
            let head = self.head();
            let sealed = batch.seal(head);
            match self.append(head, &sealed).await? {
                Appended::Recorded => {
                    batch.recorded(head, &sealed);
                    return Ok(());
                }
                Appended::Refused(error) => {
                    batch.refused(&SubmitError::Unavailable(error.to_string()));
                    return Ok(());
                }
                Appended::Moved => {
                    match self.catch_up().await {
                        Err(LedgerError::Store(error)) if error.kind() != StoreErrorKind::Corrupt => {
                            batch.refused(&SubmitError::Unavailable(error.to_string()));
                            return Ok(());
                        }
                        caught_up => caught_up?,
                    }
                    if self.head() == head {
                        // The store neither takes the batch nor shows what is in its way: ask it less often.
                        self.clock.sleep(PAUSE).await;
                    }
                    read(&shared, |graph| batch.decide_again(graph));
                }
            }
        }
    }

    /// Appends, finds out what became of it where the store can't say, and evolves what is durable.
    async fn append(&mut self, head: Head, sealed: &[SealedEvent]) -> Result<Appended, LedgerError> {
        let Some(last) = sealed.last() else { return Ok(Appended::Recorded) };
        let Err(error) = self.shared.store.append(&head, sealed).await else {
            self.evolve(sealed.iter().cloned().map(SealedEvent::recorded));
            return Ok(Appended::Recorded);
        };
        match error.kind() {
            StoreErrorKind::Conflict => Ok(Appended::Moved),
            StoreErrorKind::Unavailable => Ok(Appended::Refused(error)),
            StoreErrorKind::Corrupt => Err(error.into()),
            StoreErrorKind::Unknown => {
                tracing::warn!(%error, "asking the store whether an append is in the log");
                if self.settled(last.head).await? {
                    self.evolve(sealed.iter().cloned().map(SealedEvent::recorded));
                    return Ok(Appended::Recorded);
                }
                Ok(Appended::Moved)
            }
        }
    }

    /// Whether the log has this hash at this position, asked until the store answers. Never a guess.
    async fn settled(&self, head: Head) -> Result<bool, LedgerError> {
        loop {
            match self.shared.store.settled(head.position).await {
                Ok(hash) => return Ok(hash == Some(head.hash)),
                Err(error) if error.kind() == StoreErrorKind::Corrupt => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "the store can't say yet whether an append is in the log");
                    self.clock.sleep(PAUSE).await;
                }
            }
        }
    }

    /// Reads all that others appended.
    async fn catch_up(&mut self) -> Result<(), LedgerError> {
        while self.read_on().await? {}
        Ok(())
    }

    /// Reads a page of what others appended, verifies that it continues the chain, and projects it. Whether there was one.
    async fn read_on(&mut self) -> Result<bool, LedgerError> {
        let head = self.head();
        let page = self.shared.store.read(head.position, PAGE).await?;
        let mut verifier = Verifier::new(head);
        if let Some(bad) = page.iter().find(|event| !verifier.accept(event.head, event.body.leaf())) {
            return Err(LedgerError::Damaged { position: bad.head.position });
        }
        let read = !page.is_empty();
        self.evolve(page);
        Ok(read)
    }

    fn evolve(&self, events: impl IntoIterator<Item = RecordedEvent>) {
        let position = {
            let mut graph = self.shared.graph.write().unwrap_or_else(PoisonError::into_inner);
            events.into_iter().for_each(|event| graph.evolve(&event));
            graph.head().position
        };
        self.shared.moved_to(position);
    }

    fn head(&self) -> Head {
        read(&self.shared, Graph::head)
    }
}

fn read<R>(shared: &Shared, look: impl FnOnce(&Graph) -> R) -> R {
    look(&shared.graph.read().unwrap_or_else(PoisonError::into_inner))
}

impl Drop for LedgerTask {
    fn drop(&mut self) {
        self.shared.stop("its task has ended".to_owned());
    }
}

impl fmt::Debug for LedgerTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerTask").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}
