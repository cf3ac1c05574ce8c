//! `Turns`: which targets could start something, and from when on, so that finding the next start visits no others.

use super::queue::{Due, Queue, Which};
use crate::Timestamp;
use crate::id::TargetId;
use crate::log::Position;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The targets that nothing but time holds up, in the order of their turns: the one whose last attempt is oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Turns {
    queue: Queue<(Position, TargetId)>,
    /// From which times on how many of them may start something.
    times: BTreeMap<Timestamp, usize>,
    /// How a target is filed.
    filed: BTreeMap<TargetId, Turn>,
}

/// When it is a target's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Turn {
    /// Where its last attempt was created.
    pub(super) last_attempt: Position,
    /// It starts nothing before this.
    pub(super) from: Timestamp,
}

impl Turns {
    /// The targets that may start something at `now`, in the order of their turns.
    pub(super) fn at(&self, now: Timestamp) -> impl Iterator<Item = &TargetId> {
        self.queue.due(Which::All, now).map(|(_, target)| target)
    }

    /// From when on a target may start something, if time is all that holds it up.
    pub(super) fn from(&self, target: &TargetId) -> Option<Timestamp> {
        self.filed.get(target).map(|turn| turn.from)
    }

    /// The first time after `now` from which on another target may start something.
    pub(super) fn next_time(&self, now: Timestamp) -> Option<Timestamp> {
        self.times.range((Bound::Excluded(now), Bound::Unbounded)).next().map(|(time, _)| *time)
    }

    /// Whether any target may start something at `now`.
    pub(super) fn any_at(&self, now: Timestamp) -> bool {
        self.queue.soonest(Which::All).is_some_and(|from| from <= now)
    }

    /// Files a target anew after anything about it changed.
    pub(super) fn file(&mut self, target: &TargetId, turn: Option<Turn>) {
        let before = self.filed.get(target).copied();
        if before == turn {
            return;
        }
        if let Some(Turn { last_attempt, from }) = before {
            self.queue.take(&(last_attempt, target.clone()));
            if let Some(count) = self.times.get_mut(&from) {
                *count -= 1;
                if *count == 0 {
                    self.times.remove(&from);
                }
            }
            self.filed.remove(target);
        }
        if let Some(turn) = turn {
            let due = Due { any: turn.from, marked: turn.from };
            self.queue.put((turn.last_attempt, target.clone()), due);
            *self.times.entry(turn.from).or_default() += 1;
            self.filed.insert(target.clone(), turn);
        }
    }
}
