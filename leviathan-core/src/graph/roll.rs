//! `Roll`: attempts in lists, each by the number under which it was first mentioned.

use super::AttemptStatus;
use crate::log::Position;
use std::collections::{BTreeMap, BTreeSet};

/// Attempts in the order in which they were first mentioned, all of them and by status; and those that failed in the order
/// in which they did.
#[derive(Debug, Clone, Default)]
pub(super) struct Roll {
    all: BTreeSet<u32>,
    by_status: BTreeMap<AttemptStatus, BTreeSet<u32>>,
    failures: BTreeSet<(Position, u32)>,
}

/// Under what an attempt is on a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) status: AttemptStatus,
    /// Where the event stands that brought it there.
    pub(super) since: Position,
}

impl Roll {
    pub(super) fn enter(&mut self, attempt: u32, entry: Entry) {
        self.all.insert(attempt);
        self.by_status.entry(entry.status).or_default().insert(attempt);
        if entry.status == AttemptStatus::Failed {
            self.failures.insert((entry.since, attempt));
        }
    }

    pub(super) fn strike(&mut self, attempt: u32, entry: Entry) {
        self.all.remove(&attempt);
        if let Some(listed) = self.by_status.get_mut(&entry.status) {
            listed.remove(&attempt);
        }
        self.failures.remove(&(entry.since, attempt));
    }

    /// Those of a status, or all, that were first mentioned before a number, newest first.
    pub(super) fn newest(
        &self,
        status: Option<AttemptStatus>,
        before: u32,
    ) -> impl Iterator<Item = u32> + use<'_> {
        let listed = status.map_or(Some(&self.all), |status| self.by_status.get(&status));
        listed.into_iter().flat_map(move |listed| listed.range(..before).rev().copied())
    }

    /// Those that failed before one did, the last first.
    pub(super) fn failures(
        &self,
        before: Option<(Position, u32)>,
    ) -> impl Iterator<Item = (Position, u32)> + use<'_> {
        let end = before.unwrap_or((Position::new(u64::MAX), u32::MAX));
        self.failures.range(..end).rev().copied()
    }

    /// How many there are of a status.
    pub(super) fn count(&self, status: AttemptStatus) -> usize {
        self.by_status.get(&status).map_or(0, BTreeSet::len)
    }
}
