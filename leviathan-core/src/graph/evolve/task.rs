//! What events do to tasks.

use super::Context;
use crate::backlog::TaskStatus;
use crate::event::Origin;
use crate::event::payload::{RetryScheduled, TaskFields, TaskReason};
use crate::graph::{Graph, Task, TaskKey, TaskState, Totals};
use crate::id::{TargetId, TaskId};

impl Graph {
    pub(super) fn task_updated(&mut self, mut fields: TaskFields, context: &Context) {
        let Some(target_id) = fields.target_id.clone() else { return };
        let key = TaskKey::new(target_id.clone(), fields.task_id.clone());
        if context.origin == Origin::Claimed {
            // A claim may make a task known. Only the backlog makes it ready or done, or changes it.
            if self.task(&key).is_some() {
                return;
            }
            fields = TaskFields { ready: false, status: TaskStatus::Pending, ..fields };
        }
        let on = |task: &TaskId| TaskKey::new(target_id.clone(), task.clone());
        let old = self.task(&key).map(|task| task.fields.dependencies.clone());
        for dependency in old.iter().flatten() {
            self.candidates.depends_no_more(&key, &on(dependency));
        }
        for dependency in &fields.dependencies {
            self.candidates.depends(&key, &on(dependency));
        }
        // Each task depends on its target as well.
        let (more, fewer) = (1 + fields.dependencies.len(), old.as_ref().map_or(0, |old| 1 + old.len()));
        self.totals.add_dependencies(more, fewer);
        if old.is_none() {
            self.totals.add_node(Totals::TASK);
        }
        let tasks = self.tasks.entry(target_id).or_default();
        let task = tasks.entry(fields.task_id.clone()).or_insert_with(|| Task {
            key: key.clone(),
            fields: fields.clone(),
            state: TaskState::Pending,
            removed: false,
            attempts: Vec::new(),
            tries_used: 0,
            infrastructure_failures: 0,
            retry_due: None,
            created_at: context.recorded_at,
            updated_at: context.recorded_at,
        });
        task.fields = fields;
        task.removed = false;
        task.updated_at = context.recorded_at;
        self.refile(&key);
    }

    pub(super) fn task_removed(&mut self, fields: TaskReason, context: &Context) {
        if context.origin == Origin::Observed {
            self.change_task(fields.target_id, fields.task_id, context, |task| task.removed = true);
        }
    }

    pub(super) fn task_completed(&mut self, fields: TaskReason, context: &Context) {
        let failed = fields.status.as_deref() == Some("failed");
        let state = if failed { TaskState::Failed(fields.reason) } else { TaskState::Completed };
        // A worker's word does not complete a task: its attempt's end does.
        if context.origin == Origin::Observed {
            self.change_task(fields.target_id, fields.task_id, context, |task| task.move_to(state));
        }
    }

    pub(super) fn task_blocked(&mut self, fields: TaskReason, context: &Context) {
        if context.origin == Origin::Observed {
            let state = TaskState::Blocked(fields.reason);
            self.change_task(fields.target_id, fields.task_id, context, |task| task.move_to(state));
        }
    }

    pub(super) fn task_retried(&mut self, fields: TaskReason, context: &Context) {
        if context.origin != Origin::Observed {
            return;
        }
        self.change_task(fields.target_id, fields.task_id, context, |task| {
            if matches!(task.state, TaskState::Failed(_) | TaskState::Blocked(_)) {
                task.state = TaskState::Pending;
            }
            task.tries_used = 0;
            task.infrastructure_failures = 0;
            task.retry_due = None;
        });
    }

    pub(super) fn retry_scheduled(&mut self, fields: RetryScheduled, context: &Context) {
        if context.origin == Origin::Observed {
            // However far ahead it is: no wait is longer than the longest.
            let latest = context.recorded_at + self.limits.retry.longest_wait();
            let due = fields.scheduled_at.map(|due| due.min(latest));
            self.change_task(fields.target_id, fields.task_id, context, |task| task.retry_due = due);
        }
    }

    fn change_task(
        &mut self,
        target: Option<TargetId>,
        task: TaskId,
        context: &Context,
        change: impl FnOnce(&mut Task),
    ) {
        let Some(target) = target else { return };
        let key = TaskKey::new(target, task);
        if let Some(task) = self.task_mut(&key) {
            change(task);
            task.updated_at = context.recorded_at;
            self.refile(&key);
        }
    }

    /// Brings the candidates up to date after anything about a task changed: itself, and those that wait for it.
    pub(super) fn refile(&mut self, key: &TaskKey) {
        for dependent in self.candidates.dependents(key) {
            self.file_task(&dependent);
        }
        self.file_task(key);
    }

    /// The same for the task alone.
    pub(super) fn file_task(&mut self, key: &TaskKey) {
        let Some(task) = self.tasks.get(&key.target_id).and_then(|tasks| tasks.get(&key.task_id)) else {
            return;
        };
        let fence = self.targets.get(&key.target_id).map(|target| &target.limits);
        let inside = fence.is_none_or(|limits| limits.outside_prefixes(&task.fields.allowed_paths).is_none());
        let free = inside && self.unmet_dependency(task).is_none();
        self.candidates.file(task, free, self.occupancy.holds(key));
    }

    /// The same for all tasks of a target.
    pub(super) fn file_tasks_of(&mut self, target: &TargetId) {
        let keys: Vec<TaskKey> = self.tasks(target).map(|task| task.key.clone()).collect();
        keys.iter().for_each(|key| self.file_task(key));
    }
}
