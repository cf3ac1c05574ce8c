//! `Attempts`: the attempts of a log by id and in lists, the one that was last spoken of at hand.

use super::roll::{Entry, Roll};
use super::{Attempt, AttemptStatus};
use crate::id::{AttemptId, TargetId};
use crate::log::Position;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The attempts of a log. None is ever removed.
///
/// An event asks for its attempt several times: only the first time is it looked up among all.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts {
    /// In the order in which they were first mentioned.
    #[expect(
        clippy::vec_box,
        reason = "growing moves no attempt, and what is kept free is a pointer's size"
    )]
    all: Vec<Box<Attempt>>,
    by_id: BTreeMap<AttemptId, u32>,
    /// Under what each is on the rolls, in the same order.
    entries: Vec<Entry>,
    roll: Roll,
    by_target: BTreeMap<TargetId, Roll>,
    /// The one that was last spoken of.
    last: usize,
}

impl Attempts {
    pub(super) fn get(&self, id: &AttemptId) -> Option<&Attempt> {
        self.all.get(self.find(id)?).map(Box::as_ref)
    }

    pub(super) fn get_mut(&mut self, id: &AttemptId) -> Option<&mut Attempt> {
        self.last = self.find(id)?;
        self.all.get_mut(self.last).map(Box::as_mut)
    }

    /// The attempt of this id, made now if there is none; whether it was.
    pub(super) fn get_or_insert_with(
        &mut self,
        id: &AttemptId,
        make: impl FnOnce() -> Attempt,
    ) -> (&mut Attempt, bool) {
        let found = self.find(id);
        self.last = found.unwrap_or(self.all.len());
        if found.is_none() {
            // A log has fewer attempts than events, and memory ends before 32 bits do.
            self.by_id.insert(id.clone(), self.last as u32);
            self.all.push(Box::new(make()));
            self.enter(self.last, Entry { status: AttemptStatus::Created, since: Position::START });
        }
        (&mut self.all[self.last], found.is_none())
    }

    /// All of them, by id.
    pub(super) fn values(&self) -> impl Iterator<Item = &Attempt> {
        self.by_id.values().map(|index| self.all[*index as usize].as_ref())
    }

    /// Has the lists say what became of an attempt by the event at this position.
    pub(super) fn refile(&mut self, id: &AttemptId, at: Position) {
        let Some(index) = self.find(id) else { return };
        let (Some(attempt), Some(entry)) = (self.all.get(index), self.entries.get(index).copied()) else {
            return;
        };
        let status = attempt.state.status();
        if status != entry.status {
            self.roll.strike(index as u32, entry);
            if let Some(roll) = attempt.target().and_then(|target| self.by_target.get_mut(target)) {
                roll.strike(index as u32, entry);
            }
            self.enter(index, Entry { status, since: at });
        }
    }

    /// Lists an attempt under its target, which is known from here on.
    pub(super) fn found_target(&mut self, id: &AttemptId) {
        let Some(index) = self.find(id) else { return };
        if let Some(entry) = self.entries.get(index).copied() {
            self.enter(index, entry);
        }
    }

    fn enter(&mut self, index: usize, entry: Entry) {
        self.roll.enter(index as u32, entry);
        if let Some(target) = self.all.get(index).and_then(|attempt| attempt.target()) {
            self.by_target.entry(target.clone()).or_default().enter(index as u32, entry);
        }
        match self.entries.get_mut(index) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// The list of a target's attempts, or of all.
    pub(super) fn roll(&self, target: Option<&TargetId>) -> Option<&Roll> {
        target.map_or(Some(&self.roll), |target| self.by_target.get(target))
    }

    /// The attempt that was mentioned first after so many others.
    pub(super) fn nth(&self, number: u32) -> Option<&Attempt> {
        self.all.get(number as usize).map(Box::as_ref)
    }

    /// How many others were mentioned before an attempt first was.
    pub(super) fn number_of(&self, id: &AttemptId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    fn find(&self, id: &AttemptId) -> Option<usize> {
        match self.all.get(self.last) {
            Some(last) if last.attempt_id == *id => Some(self.last),
            _ => self.by_id.get(id).map(|index| *index as usize),
        }
    }
}

/// Written as a list in their order, each with the position at which it came to its status.
impl Serialize for Attempts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.all.iter().zip(&self.entries).map(|(attempt, entry)| (attempt, entry.since)))
    }
}

impl<'de> Deserialize<'de> for Attempts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut attempts = Self::default();
        for (attempt, since) in Vec::<(Box<Attempt>, Position)>::deserialize(from)? {
            let (index, entry) = (attempts.all.len(), Entry { status: attempt.state.status(), since });
            if attempts.by_id.insert(attempt.attempt_id.clone(), index as u32).is_some() {
                return Err(D::Error::custom("an attempt stands there twice"));
            }
            attempts.all.push(attempt);
            attempts.enter(index, entry);
        }
        attempts.last = 0;
        Ok(attempts)
    }
}
