//! No attempt is opened of a task that may not be worked on: its target is paused, it is in hand already, it is done, it
//! was removed, or it waits for another. Kept from the events alone, by rules that know nothing of the graph.

use super::one_outcome::ends;
use crate::fact::Fact;
use crate::violation::{Invariant, Violation};
use leviathan_core::backlog::TaskStatus;
use leviathan_core::event::payload::{AttemptCreated, TaskFields};
use leviathan_core::event::{Event, Origin};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use std::collections::{BTreeMap, BTreeSet};

type Key = (TargetId, TaskId);

#[derive(Default)]
pub(crate) struct StartsAllowed {
    tasks: BTreeMap<Key, TaskFields>,
    removed: BTreeSet<Key>,
    completed: BTreeSet<Key>,
    succeeded: BTreeMap<Key, BTreeSet<AttemptId>>,
    attempts: BTreeMap<AttemptId, Key>,
    /// Attempts of others that have not ended.
    visitors: BTreeSet<AttemptId>,
    in_hand: BTreeMap<Key, AttemptId>,
    paused: BTreeSet<TargetId>,
}

impl StartsAllowed {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        if fact.origin != Origin::Observed {
            self.visitor(&fact.event);
            return Ok(());
        }
        if let Some(ended) = ends(&fact.event) {
            self.in_hand.retain(|_, attempt| attempt != ended);
        }
        match &fact.event {
            Event::AttemptSucceeded(fields) => {
                if let Some(key) = self.attempts.get(&fields.attempt_id) {
                    self.succeeded.entry(key.clone()).or_default().insert(fields.attempt_id.clone());
                }
            }
            Event::AttemptInvalidated(fields) => self.taken_back(&fields.attempt_id),
            Event::TargetPaused(fields) => self.paused.extend(fields.target_id.clone()),
            Event::TargetResumed(fields) => {
                fields.target_id.iter().for_each(|target| _ = self.paused.remove(target));
            }
            Event::TaskCreated(fields) | Event::TaskUpdated(fields) => {
                if let Some(target) = fields.target_id.clone() {
                    let key = (target, fields.task_id.clone());
                    self.removed.remove(&key);
                    self.tasks.insert(key, fields.clone());
                }
            }
            Event::TaskRemoved(fields) => {
                self.removed.extend(fields.target_id.clone().map(|target| (target, fields.task_id.clone())));
            }
            Event::TaskCompleted(fields) if fields.status.as_deref() != Some("failed") => {
                self.completed
                    .extend(fields.target_id.clone().map(|target| (target, fields.task_id.clone())));
            }
            Event::AttemptCreated(fields) => {
                if let Some(why) = self.start(fields) {
                    return Invariant::StartsAllowed.violated(format_args!("{why}: {}", fact.line));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An attempt that somebody else runs ends by the first word of its own worker.
    fn visitor(&mut self, event: &Event) {
        if let Event::AttemptCreated(fields) = event
            && let Some(target) = fields.target_id.clone()
            && !self.attempts.contains_key(&fields.attempt_id)
        {
            self.attempts.insert(fields.attempt_id.clone(), (target, fields.task_id.clone()));
            self.visitors.insert(fields.attempt_id.clone());
        }
        if let Some(attempt) = ends(event).filter(|attempt| self.visitors.remove(*attempt))
            && let Event::AttemptSucceeded(_) = event
            && let Some(key) = self.attempts.get(attempt)
        {
            self.succeeded.entry(key.clone()).or_default().insert(attempt.clone());
        }
    }

    /// A task is done anew once the last of its successes is taken back.
    fn taken_back(&mut self, attempt: &AttemptId) {
        let Some(key) = self.attempts.get(attempt) else { return };
        if let Some(succeeded) = self.succeeded.get_mut(key)
            && succeeded.remove(attempt)
            && succeeded.is_empty()
        {
            self.completed.remove(key);
        }
    }

    /// Why this start should not have been.
    fn start(&mut self, fields: &AttemptCreated) -> Option<String> {
        let target = fields.target_id.clone()?;
        let key = (target.clone(), fields.task_id.clone());
        self.attempts.insert(fields.attempt_id.clone(), key.clone());
        let holder = self.in_hand.insert(key.clone(), fields.attempt_id.clone());
        let Some(task) = self.tasks.get(&key) else { return Some("there is no such task".to_owned()) };
        let waits = |on: &&TaskId| !self.is_completed(&(target.clone(), (*on).clone()));
        if let Some(holder) = holder {
            Some(format!("{holder} has the task in hand"))
        } else if self.is_completed(&key) || task.status != TaskStatus::Pending {
            Some("it is done, or waits for a person".to_owned())
        } else if self.removed.contains(&key) || !task.ready {
            Some("it is not ready, or was removed".to_owned())
        } else if self.paused.contains(&target) {
            Some("its target is paused".to_owned())
        } else {
            task.dependencies.iter().find(waits).map(|on| format!("it waits for {on}"))
        }
    }

    fn is_completed(&self, key: &Key) -> bool {
        let says_so = |task: &TaskFields| task.status == TaskStatus::Completed;
        self.completed.contains(key) || self.tasks.get(key).is_some_and(says_so)
    }
}
