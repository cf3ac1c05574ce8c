//! Lists of attempts and tasks, for showing them page by page.

use super::{Attempt, AttemptStatus, Graph, Task, TaskKey};
use crate::id::{TargetId, TaskId};
use crate::log::Position;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

/// Where a list of attempts goes on: behind this attempt, told as how many were mentioned before it. A log forgets none, so
/// it stays good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptCursor(pub u32);

/// Where a list of failures goes on: behind the one at this position of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailureCursor(pub Position, pub AttemptCursor);

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the cursor that came with the page before")]
pub struct NoCursor;

impl fmt::Display for AttemptCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AttemptCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        text.parse().map(Self).map_err(|_| NoCursor)
    }
}

impl fmt::Display for FailureCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for FailureCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (position, attempt) = text.split_once('-').ok_or(NoCursor)?;
        Ok(Self(Position::new(position.parse().map_err(|_| NoCursor)?), attempt.parse()?))
    }
}

impl Graph {
    /// The attempts of a target, or all, of a status, or of any, that come behind a cursor; newest first, by when the log
    /// first spoke of them.
    pub fn newest_attempts(
        &self,
        target: Option<&TargetId>,
        status: Option<AttemptStatus>,
        behind: Option<AttemptCursor>,
    ) -> impl Iterator<Item = (AttemptCursor, &Attempt)> + use<'_> {
        let before = behind.map_or(u32::MAX, |cursor| cursor.0);
        let numbers =
            self.attempts.roll(target).into_iter().flat_map(move |roll| roll.newest(status, before));
        numbers.filter_map(|number| Some((AttemptCursor(number), self.attempts.nth(number)?)))
    }

    /// The attempts of the task of this name that come behind a cursor, newest first; of each target's, if none is named.
    pub fn newest_attempts_of(
        &self,
        target: Option<&TargetId>,
        task: &TaskId,
        behind: Option<AttemptCursor>,
    ) -> impl Iterator<Item = (AttemptCursor, &Attempt)> + use<'_> {
        let targets = target.map_or_else(|| self.tasks.keys().collect(), |target| vec![target]);
        let tasks = targets.into_iter().filter_map(|target| self.tasks.get(target)?.get(task));
        let numbers = tasks.flat_map(|task| &task.attempts).filter_map(|id| self.attempts.number_of(id));
        let mut numbers: Vec<u32> =
            numbers.filter(|number| behind.is_none_or(|cursor| *number < cursor.0)).collect();
        // A task has few, and one may have been spoken of before it was its task's.
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        numbers.into_iter().filter_map(|number| Some((AttemptCursor(number), self.attempts.nth(number)?)))
    }

    /// The attempts of a target, or all, that have failed and were not taken back, behind a cursor; the last failure first.
    pub fn newest_failures(
        &self,
        target: Option<&TargetId>,
        behind: Option<FailureCursor>,
    ) -> impl Iterator<Item = (FailureCursor, &Attempt)> + use<'_> {
        let before = behind.map(|FailureCursor(position, AttemptCursor(number))| (position, number));
        let failures = self.attempts.roll(target).into_iter().flat_map(move |roll| roll.failures(before));
        failures.filter_map(|(position, number)| {
            Some((FailureCursor(position, AttemptCursor(number)), self.attempts.nth(number)?))
        })
    }

    /// How many attempts there are of a status.
    pub fn count_attempts(&self, status: AttemptStatus) -> usize {
        self.attempts.roll(None).map_or(0, |roll| roll.count(status))
    }

    /// The tasks behind a key, of one target or of all, by target and id.
    pub fn tasks_behind(
        &self,
        target: Option<&TargetId>,
        behind: Option<&TaskKey>,
    ) -> impl Iterator<Item = &Task> + use<'_> {
        let from = target.or(behind.map(|key| &key.target_id));
        let targets = (
            from.map_or(Bound::Unbounded, Bound::Included),
            target.map_or(Bound::Unbounded, Bound::Included),
        );
        let behind = behind.cloned();
        self.tasks.range::<TargetId, _>(targets).flat_map(move |(target, tasks)| {
            let last = behind.as_ref().filter(|key| key.target_id == *target).map(|key| &key.task_id);
            let from = last.map_or(Bound::Unbounded, Bound::Excluded);
            tasks.range::<TaskId, _>((from, Bound::Unbounded)).map(|(_, task)| task)
        })
    }
}
