//! At no position of the log is more opened than the limits that hold there let. A limit that is lowered below what is
//! open breaks nothing by itself. Kept from the events alone, by rules that know nothing of the graph.

use super::one_outcome::ends;
use crate::fact::Fact;
use crate::violation::{Invariant, Violation};
use leviathan_core::event::payload::{AttemptCreated, TargetFields};
use leviathan_core::event::{Event, Origin};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::{Limits, TargetLimits};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

#[derive(Default)]
pub(crate) struct WithinLimits {
    limits: Limits,
    targets: BTreeMap<TargetId, Target>,
    /// Which task each attempt is of.
    attempts: BTreeMap<AttemptId, (TargetId, TaskId)>,
}

#[derive(Default)]
struct Target {
    limits: TargetLimits,
    /// The backlog's own number.
    max_open_prs: Option<NonZeroU32>,
    open: BTreeMap<AttemptId, TaskId>,
    /// The task of each pull request, and whether it is open.
    pull_requests: BTreeMap<u64, (TaskId, bool)>,
}

impl WithinLimits {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        let is_observed = fact.origin == Origin::Observed;
        match &fact.event {
            // What a worker says of itself in its report may contradict its end, and then counts for nothing.
            Event::AttemptSucceeded(fields) if is_observed => {
                self.pull_request(Some(&fields.attempt_id), fields.pr_number, None);
            }
            Event::PrCreated(fields) => {
                let is_open = is_observed.then_some(true);
                self.pull_request(fields.attempt_id.as_ref(), Some(fields.pr_number), is_open);
            }
            Event::PrMerged(fields) | Event::PrClosed(fields) => {
                let is_open = is_observed.then_some(false);
                self.pull_request(fields.attempt_id.as_ref(), Some(fields.pr_number), is_open);
            }
            Event::AttemptCreated(fields) => self.opened(fields),
            Event::LimitsChanged(fields) => self.limits = fields.limits,
            Event::TargetRegistered(fields) | Event::TargetUpdated(fields) => self.target(fields),
            _ => {}
        }
        if !is_observed {
            return Ok(());
        }
        if let Some(attempt) = ends(&fact.event) {
            self.targets.values_mut().for_each(|target| _ = target.open.remove(attempt));
        }
        if let Event::AttemptCreated(fields) = &fact.event
            && let Some(why) = self.start(fields)
        {
            return Invariant::WithinLimits.violated(format_args!("{why}: {}", fact.line));
        }
        Ok(())
    }

    /// An attempt is of the task that was named first with it, also one that somebody else runs: its pull request counts.
    fn opened(&mut self, fields: &AttemptCreated) {
        if let Some(target) = fields.target_id.clone() {
            let key = (target, fields.task_id.clone());
            self.attempts.entry(fields.attempt_id.clone()).or_insert(key);
        }
    }

    fn target(&mut self, fields: &TargetFields) {
        let Some(id) = fields.target_id.clone() else { return };
        let target = self.targets.entry(id).or_default();
        if let Some(limits) = &fields.limits {
            target.limits = limits.clone();
        }
        if let Some(policy) = &fields.policy {
            target.max_open_prs = policy.max_open_prs;
        }
    }

    /// Someone names a pull request: it is open from its first mention, until the forge says otherwise.
    fn pull_request(&mut self, attempt: Option<&AttemptId>, number: Option<u64>, is_open: Option<bool>) {
        let Some((target, task)) = attempt.and_then(|attempt| self.attempts.get(attempt)) else { return };
        let Some(target) = self.targets.get_mut(target) else { return };
        if let Some(number) = number {
            let known = target.pull_requests.entry(number).or_insert_with(|| (task.clone(), true));
            known.1 = is_open.unwrap_or(known.1);
        }
    }

    /// What stands against a start.
    fn start(&mut self, fields: &AttemptCreated) -> Option<String> {
        let target = self.targets.entry(fields.target_id.clone()?).or_default();
        let most = target.limits.max_open_prs.into_iter().chain(target.max_open_prs).min();
        let open = target.pull_requests.values().filter(|(_, is_open)| *is_open).map(|(task, _)| task);
        let others: BTreeSet<&TaskId> =
            open.chain(target.open.values()).filter(|task| **task != fields.task_id).collect();
        if let Some(most) = most.filter(|most| others.len() >= most.get() as usize) {
            return Some(format!("{others:?} have an open pull request or attempt, at most {most} may"));
        }
        target.open.insert(fields.attempt_id.clone(), fields.task_id.clone());
        let of_target = target.limits.max_running.or(self.limits.max_running_per_target);
        if let Some(most) = of_target.filter(|most| target.open.len() > most.get() as usize) {
            return Some(format!("at most {most} of the target may be open, and {:?} are", target.open));
        }
        let open: Vec<_> = self.targets.values().flat_map(|target| target.open.keys()).collect();
        let most = self.limits.max_running;
        (open.len() > most.get() as usize).then(|| format!("at most {most} may be open, and {open:?} are"))
    }
}
