//! `Attempts`: the attempts of a log by id, the one that was last spoken of at hand.

use super::Attempt;
use crate::id::AttemptId;
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
        }
        (&mut self.all[self.last], found.is_none())
    }

    /// All of them, by id.
    pub(super) fn values(&self) -> impl Iterator<Item = &Attempt> {
        self.by_id.values().map(|index| self.all[*index as usize].as_ref())
    }

    fn find(&self, id: &AttemptId) -> Option<usize> {
        match self.all.get(self.last) {
            Some(last) if last.attempt_id == *id => Some(self.last),
            _ => self.by_id.get(id).map(|index| *index as usize),
        }
    }
}

/// Written as a list, by id.
impl Serialize for Attempts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let list: Vec<&Attempt> = self.values().collect();
        list.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Attempts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<Box<Attempt>>::deserialize(from)?;
        let by_id: BTreeMap<_, _> =
            all.iter().zip(0..).map(|(attempt, index)| (attempt.attempt_id.clone(), index)).collect();
        if by_id.len() < all.len() {
            return Err(D::Error::custom("an attempt stands there twice"));
        }
        Ok(Self { all, by_id, last: 0 })
    }
}
