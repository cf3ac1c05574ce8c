//! `Disk`: the log itself, which survives every crash. Whatever is appended passes the eyes of the invariants.

use super::author::Author;
use super::fact::Fact;
use super::invariants::Watchers;
use super::sim::Sim;
use futures::channel::oneshot;
use leviathan_core::Ledger;
use leviathan_core::event::Event;
use leviathan_core::id::AttemptId;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::safeguard::{Safeguard, is_on};
use leviathan_core::store::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard};

pub(crate) struct Disk {
    sim: Sim,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    events: Vec<RecordedEvent>,
    /// What each host wanted to append, and where.
    offered: BTreeSet<(Author, Position, Hash)>,
    watchers: Watchers,
    told: BTreeSet<[u8; 16]>,
    created: BTreeMap<AttemptId, Position>,
    submitted: BTreeSet<AttemptId>,
    under_way: usize,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Inner {
    fn head(&self) -> Head {
        self.events.last().map_or(Head::EMPTY, |event| event.head)
    }
}

impl Disk {
    pub(crate) fn new(sim: Sim) -> Self {
        Self { sim, inner: Mutex::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn head(&self) -> Head {
        self.inner().head()
    }

    /// Appends behind `head`, all or nothing.
    pub(crate) fn append(
        &self,
        author: Author,
        head: &Head,
        events: &[SealedEvent],
    ) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let found = inner.head();
        if found != *head && is_on(Safeguard::Conflict) {
            self.sim.say(format_args!("{author}: conflict behind {}", head.position));
            return Err(StoreError::conflict(head, &found));
        }
        // A store that does not look puts them wherever its log ends.
        let bodies = events.iter().map(|event| event.body.clone());
        for event in SealedEvent::chain(found, bodies).into_iter().map(SealedEvent::recorded) {
            self.take(&mut inner, author, event);
        }
        // Whoever stopped waiting needs no word.
        inner.waiting.drain(..).for_each(|waiting| _ = waiting.send(()));
        Ok(())
    }

    fn take(&self, inner: &mut Inner, author: Author, event: RecordedEvent) {
        let fact = Fact::read(author, &event);
        self.sim.say(format_args!("{author}: {}", fact.line));
        if let Some(violation) = inner.watchers.see(&fact) {
            self.sim.violated(violation.invariant, violation.what);
        }
        match &fact.event {
            Event::AttemptCreated(fields) if fields.executor.is_some() => {
                inner.created.entry(fields.attempt_id.clone()).or_insert(fact.position);
            }
            Event::JobSubmitted(job) => _ = inner.submitted.insert(job.attempt_id.clone()),
            _ => {}
        }
        inner.told.insert(fact.fingerprint);
        inner.events.push(event);
    }

    pub(crate) fn read(&self, after: Position, limit: usize) -> Vec<RecordedEvent> {
        self.inner().events.iter().skip(after.get() as usize).take(limit).cloned().collect()
    }

    pub(crate) fn all(&self) -> Vec<RecordedEvent> {
        self.inner().events.clone()
    }

    pub(crate) fn at(&self, position: Position) -> Option<RecordedEvent> {
        self.inner().events.get(position.get().checked_sub(1)? as usize).cloned()
    }

    /// A host sets out to append these, whatever becomes of it.
    pub(crate) fn offer(&self, author: Author, events: &[SealedEvent]) {
        let offered = events.iter().map(|event| (author, event.head.position, event.head.hash));
        self.inner().offered.extend(offered);
    }

    /// Whether what stands there is, byte for byte, what a host wanted there. Two may have wanted the same.
    pub(crate) fn is_of(&self, author: Author, position: Position) -> bool {
        let stands = self.at(position);
        stands.is_some_and(|event| self.inner().offered.contains(&(author, position, event.head.hash)))
    }

    /// Whether a fact is in the log.
    pub(crate) fn knows(&self, fingerprint: &[u8; 16]) -> bool {
        self.inner().told.contains(fingerprint)
    }

    /// Where an attempt of the fleet was created.
    pub(crate) fn created(&self, attempt: &AttemptId) -> Option<Position> {
        self.inner().created.get(attempt).copied()
    }

    pub(crate) fn is_submitted(&self, attempt: &AttemptId) -> bool {
        self.inner().submitted.contains(attempt)
    }

    /// Lets the invariants say what they can only say at the end.
    pub(crate) fn finish(&self, ledgers: &[(Author, Ledger)]) {
        if let Some(violation) = self.inner().watchers.finish(ledgers) {
            self.sim.violated(violation.invariant, violation.what);
        }
    }

    /// An append is on its way.
    pub(crate) fn set_out(&self) {
        self.inner().under_way += 1;
    }

    /// It is there, or has failed.
    pub(crate) fn arrived(&self) {
        self.inner().under_way -= 1;
    }

    pub(crate) fn is_any_under_way(&self) -> bool {
        self.inner().under_way > 0
    }

    pub(crate) async fn moved_past(&self, after: Position) {
        let moved = {
            let mut inner = self.inner();
            if inner.head().position > after {
                return;
            }
            let (sender, moved) = oneshot::channel();
            inner.waiting.retain(|waiting| !waiting.is_canceled());
            inner.waiting.push(sender);
            moved
        };
        let _ = moved.await;
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("head", &self.head()).finish_non_exhaustive()
    }
}
