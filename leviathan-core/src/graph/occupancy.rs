//! `Occupancy`: which tasks have work under way or under review, each once, so that the limit of open pull requests
//! is asked without counting.

use super::TaskKey;
use crate::id::{TargetId, TaskId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tasks of each target that have an open attempt of ours or an open pull request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Occupancy {
    /// For each task, how many open attempts and pull requests it has.
    tasks: BTreeMap<TargetId, BTreeMap<TaskId, u32>>,
    /// Open pull requests whose task is not known.
    strays: BTreeMap<TargetId, u32>,
}

impl Occupancy {
    pub(super) fn enter(&mut self, target: &TargetId, task: Option<&TaskKey>) {
        *match task {
            Some(key) => {
                let tasks = self.tasks.entry(key.target_id.clone()).or_default();
                tasks.entry(key.task_id.clone()).or_default()
            }
            None => self.strays.entry(target.clone()).or_default(),
        } += 1;
    }

    pub(super) fn leave(&mut self, target: &TargetId, task: Option<&TaskKey>) {
        match task {
            Some(key) => {
                let Some(tasks) = self.tasks.get_mut(&key.target_id) else { return };
                if let Some(count) = tasks.get_mut(&key.task_id) {
                    *count -= 1;
                    if *count == 0 {
                        tasks.remove(&key.task_id);
                    }
                }
            }
            None => {
                if let Some(count) = self.strays.get_mut(target) {
                    *count = count.saturating_sub(1);
                }
            }
        }
    }

    /// Whether a task occupies a place.
    pub(super) fn holds(&self, key: &TaskKey) -> bool {
        self.tasks.get(&key.target_id).is_some_and(|tasks| tasks.contains_key(&key.task_id))
    }

    /// How many tasks of a target occupy a place. A stray pull request counts as one.
    pub(super) fn of(&self, target: &TargetId) -> usize {
        let strays = self.strays.get(target).map_or(0, |strays| *strays as usize);
        self.tasks.get(target).map_or(0, BTreeMap::len) + strays
    }

    /// How many other tasks of the target occupy a place. A stray pull request counts as one.
    pub(super) fn by_others(&self, key: &TaskKey) -> usize {
        self.of(&key.target_id) - usize::from(self.holds(key))
    }
}
