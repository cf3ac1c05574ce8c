//! `Candidates`: which tasks could start, so that finding the next one visits no others.

use super::queue::{AT_ONCE, Due, NEVER, Queue, Which};
use super::{Task, TaskKey, TaskState};
use crate::Timestamp;
use crate::backlog::{Priority, TaskStatus};
use crate::id::{TargetId, TaskId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where a task stands among the candidates of its target: priority, then backlog order.
type Rank = (Priority, u32, TaskId);

/// Tasks that nothing about themselves holds up, but perhaps the time. All of one target that are due are held up alike,
/// or not at all, but that those that have a place under the limit of open pull requests keep it: they are marked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Candidates {
    queues: BTreeMap<TargetId, Queue<Rank>>,
    /// How a candidate is filed.
    filed: BTreeMap<TaskKey, (Rank, Due)>,
    /// Who waits for a task, whether or not there is such a task.
    dependents: BTreeMap<TaskKey, BTreeSet<TaskKey>>,
}

impl Candidates {
    /// The candidates of a target that are due at `now`, in the order in which they should start.
    pub(super) fn of(
        &self,
        target: &TargetId,
        which: Which,
        now: Timestamp,
    ) -> impl Iterator<Item = &TaskId> + use<'_> {
        let queue = self.queues.get(target);
        queue.into_iter().flat_map(move |queue| queue.due(which, now)).map(|(_, _, task)| task)
    }

    /// When the first candidate of a target is due.
    pub(super) fn soonest(&self, target: &TargetId, which: Which) -> Option<Timestamp> {
        self.queues.get(target)?.soonest(which)
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

    /// Files a task anew after anything about it changed. `free` says that it waits for no other task and may touch what
    /// it names; `marked` that it has a place under the limit of open pull requests.
    pub(super) fn file(&mut self, task: &Task, free: bool, marked: bool) {
        let startable = task.state == TaskState::Pending && task.fields.status == TaskStatus::Pending;
        let filed = (free && startable && task.fields.ready && !task.removed).then(|| {
            let any = task.retry_due.unwrap_or(AT_ONCE);
            let rank = (task.fields.priority, task.fields.order, task.key.task_id.clone());
            (rank, Due { any, marked: if marked { any } else { NEVER } })
        });
        if self.filed.get(&task.key) == filed.as_ref() {
            return;
        }
        if let Some((rank, _)) = self.filed.remove(&task.key)
            && let Some(queue) = self.queues.get_mut(&task.key.target_id)
        {
            queue.take(&rank);
        }
        if let Some((rank, due)) = filed {
            self.queues.entry(task.key.target_id.clone()).or_default().put(rank.clone(), due);
            self.filed.insert(task.key.clone(), (rank, due));
        }
    }
}
