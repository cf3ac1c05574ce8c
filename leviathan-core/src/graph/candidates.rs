//! `Candidates`: which tasks could start, so that finding the next one visits no others.

use super::{Task, TaskKey, TaskState};
use crate::Timestamp;
use crate::backlog::{Priority, TaskStatus};
use crate::id::TargetId;
use std::collections::{BTreeMap, BTreeSet};

/// Where a task stands among the candidates of its target: priority, then backlog order.
type Rank = (Priority, u32, TaskKey);

/// Tasks that are pending and ready, and whose dependencies are completed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Candidates {
    /// Those that wait for nothing, by target.
    ready: BTreeMap<TargetId, BTreeSet<Rank>>,
    /// Those that wait for a time, by target, soonest first.
    delayed: BTreeMap<TargetId, BTreeSet<(Timestamp, Rank)>>,
    /// Under which rank and due time a candidate is filed.
    filed: BTreeMap<TaskKey, (Rank, Option<Timestamp>)>,
    /// Who waits for a task, whether or not there is such a task.
    dependents: BTreeMap<TaskKey, BTreeSet<TaskKey>>,
}

impl Candidates {
    /// The candidates of a target at `now` in the order in which they should start.
    pub(crate) fn of<'a>(
        &'a self,
        target: &TargetId,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a TaskKey> + use<'a> {
        let ready = self.ready.get(target).into_iter().flatten();
        let delayed = self.delayed.get(target).into_iter().flatten();
        let mut due: Vec<&Rank> = delayed.take_while(|(at, _)| *at <= now).map(|(_, rank)| rank).collect();
        due.sort_unstable();
        merge(ready, due.into_iter()).map(|(_, _, key)| key)
    }

    /// The candidates of a target that wait for a time after `now`, soonest first.
    pub(crate) fn delayed(
        &self,
        target: &TargetId,
        now: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, &TaskKey)> {
        let delayed = self.delayed.get(target).into_iter().flatten();
        delayed.skip_while(move |(at, _)| *at <= now).map(|(at, (_, _, key))| (*at, key))
    }

    /// Who waits for a task.
    pub(super) fn dependents(&self, key: &TaskKey) -> Vec<TaskKey> {
        self.dependents.get(key).into_iter().flatten().cloned().collect()
    }

    pub(super) fn depends(&mut self, task: &TaskKey, on: &TaskKey) {
        self.dependents.entry(on.clone()).or_default().insert(task.clone());
    }

    pub(super) fn depends_no_more(&mut self, task: &TaskKey, on: &TaskKey) {
        if let Some(dependents) = self.dependents.get_mut(on) {
            dependents.remove(task);
        }
    }

    /// Files a task anew after anything about it changed. `free` says that its dependencies are completed.
    pub(super) fn file(&mut self, task: &Task, free: bool) {
        if let Some((rank, due)) = self.filed.remove(&task.key) {
            let target = &task.key.target_id;
            match due {
                None => self.ready.get_mut(target).map(|set| set.remove(&rank)),
                Some(at) => self.delayed.get_mut(target).map(|set| set.remove(&(at, rank))),
            };
        }
        let startable = task.state == TaskState::Pending && task.fields.status == TaskStatus::Pending;
        if !(free && startable && task.fields.ready && !task.removed) {
            return;
        }
        let rank: Rank = (task.fields.priority, task.fields.order, task.key.clone());
        let target = task.key.target_id.clone();
        match task.retry_due {
            None => self.ready.entry(target).or_default().insert(rank.clone()),
            Some(at) => self.delayed.entry(target).or_default().insert((at, rank.clone())),
        };
        self.filed.insert(task.key.clone(), (rank, task.retry_due));
    }
}

/// Two sorted runs as one.
fn merge<'a>(
    left: impl Iterator<Item = &'a Rank>,
    right: impl Iterator<Item = &'a Rank>,
) -> impl Iterator<Item = &'a Rank> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(a), Some(b)) if b < a => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}
