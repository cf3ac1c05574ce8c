//! What tasks wait for: the dependencies that are not completed, and whether they wait for one another.

use super::{Graph, Task, TaskKey};
use crate::backlog::Cycle;
use crate::event::payload::TaskFields;
use crate::id::TaskId;
use std::collections::{BTreeSet, VecDeque};

impl Graph {
    /// The first dependency of a task that is not completed.
    pub(crate) fn unmet_dependency<'a>(&self, task: &'a Task) -> Option<&'a TaskId> {
        let unmet = |dependency: &&TaskId| {
            let key = TaskKey::new(task.key.target_id.clone(), (*dependency).clone());
            self.task(&key).is_none_or(|dependency| !dependency.is_completed())
        };
        task.fields.dependencies.iter().find(unmet)
    }

    /// The cycle that a task is in, told from it on: tasks that wait for one another, so that none ever starts. One that
    /// was removed leads nowhere.
    ///
    /// Takes time in proportion to what the task waits for.
    pub(crate) fn cycle_of(&self, task: &Task) -> Option<Cycle> {
        let of_target = self.tasks.get(&task.key.target_id)?;
        let mut reached: Vec<&TaskFields> = Vec::new();
        let mut seen = BTreeSet::from([&task.fields.task_id]);
        let mut ahead = VecDeque::from([task]);
        while let Some(task) = ahead.pop_front() {
            reached.push(&task.fields);
            let waits = task.fields.dependencies.iter().filter_map(|id| of_target.get(id));
            ahead.extend(waits.filter(|other| {
                !other.is_completed() && !other.removed && seen.insert(&other.fields.task_id)
            }));
        }
        Cycle::through_first(&reached)
    }
}
