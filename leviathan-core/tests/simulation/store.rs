//! `SimStore`: the one log of a simulation as one host reaches it. It keeps the promises of the seam and no more: it
//! dawdles, refuses, loses answers, and lets an append arrive late or once more.

use super::author::Author;
use super::disk::Disk;
use super::sim::{Owner, Sim};
use super::storm::Fault;
use async_trait::async_trait;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct SimStore {
    pub(crate) sim: Sim,
    pub(crate) disk: Arc<Disk>,
    pub(crate) author: Author,
}

impl SimStore {
    fn unavailable(&self) -> Result<(), StoreError> {
        match self.sim.strikes(Fault::StoreUnavailable) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "the store is not there")),
            false => Ok(()),
        }
    }

    /// Has an append arrive some time from now, whoever still waits for it.
    fn arrives_later(&self, head: Head, events: &[SealedEvent]) {
        let (disk, author, events) = (self.disk.clone(), self.author, events.to_vec());
        let wait = self.sim.sleep(self.sim.span(Duration::from_secs(3)));
        disk.set_out();
        self.sim.spawn(Owner::World, async move {
            wait.await;
            // Nobody hears how it went.
            let _ = disk.append(author, &head, &events);
            disk.arrived();
        });
    }
}

fn unknown(why: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unknown, why)
}

#[async_trait]
impl EventStore for SimStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        self.disk.offer(self.author, events);
        self.sim.dawdle().await;
        self.unavailable()?;
        if self.sim.strikes(Fault::AppendLost) {
            self.sim.say(format_args!("{}: an append is lost", self.author));
            return Err(unknown("the connection was lost before the commit"));
        }
        if self.sim.strikes(Fault::AppendLate) {
            self.sim.say(format_args!("{}: an append is still under way", self.author));
            self.arrives_later(*head, events);
            self.sim.dawdle().await;
            return Err(unknown("the connection was lost during the commit"));
        }
        let appended = self.disk.append(self.author, head, events);
        if self.sim.strikes(Fault::AppendTwice) {
            self.arrives_later(*head, events);
        }
        if self.sim.strikes(Fault::CrashAtAppend) {
            self.sim.die(self.author.host).await;
        }
        self.sim.dawdle().await;
        if self.sim.strikes(Fault::AnswerLost) {
            self.sim.say(format_args!("{}: the answer to an append is lost", self.author));
            return Err(unknown("the connection was lost after the commit"));
        }
        appended
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.sim.dawdle().await;
        self.unavailable()?;
        let limit = if self.sim.one_in(4) { 1 + self.sim.below(limit.get()) } else { limit.get() };
        let events = self.disk.read(after, limit);
        self.sim.dawdle().await;
        Ok(events)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.sim.dawdle().await;
        self.unavailable()?;
        Ok(positions.iter().filter_map(|position| self.disk.at(*position)).collect())
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.sim.dawdle().await;
        self.unavailable()?;
        // The lock that an append holds for as long as it is under way.
        while self.disk.is_any_under_way() {
            self.sim.sleep(Duration::from_millis(50)).await;
        }
        let hash = self.disk.at(at).map(|event| event.head.hash);
        self.sim.dawdle().await;
        Ok(hash)
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.unavailable()?;
        // Now and then for nothing.
        if !self.sim.one_in(50) {
            self.disk.moved_past(after).await;
        }
        self.sim.dawdle().await;
        Ok(())
    }
}
