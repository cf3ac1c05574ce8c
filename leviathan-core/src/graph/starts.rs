//! What the graph says about starting more: what runs, what is spent, which candidates there are, and whose turn it is.

use super::queue::Which;
use super::{Graph, Target, TaskKey};
use crate::Timestamp;
use crate::id::{AttemptId, TargetId};
use crate::limits::{Shortfall, Spend};
use chrono::NaiveDate;

impl Graph {
    /// How many attempts of our executors are open of a target.
    pub fn running(&self, target: &TargetId) -> usize {
        self.running.get(target).map_or(0, |attempts| attempts.len())
    }

    /// The first open attempt of a target, by id.
    pub(crate) fn first_running(&self, target: &TargetId) -> Option<&AttemptId> {
        self.running.get(target)?.first()
    }

    /// How many tasks of a target have an open attempt of ours or an open pull request, each counted once. An open pull
    /// request of which nobody knows the task counts as one.
    pub fn occupied(&self, target: &TargetId) -> usize {
        self.occupancy.of(target)
    }

    /// What is booked to a day of UTC over the whole log: what attempts that were opened on it have used, as their workers
    /// claim, or still may use.
    pub fn spent(&self, day: NaiveDate) -> Spend {
        self.spending.all().spent(day)
    }

    /// The same for one target.
    pub fn spent_by(&self, target: &TargetId, day: NaiveDate) -> Spend {
        self.spending.days_of(target).spent(day)
    }

    /// What an attempt has used, as its worker claims: the sum of its model calls.
    pub fn used_by(&self, attempt: &AttemptId) -> Spend {
        self.spending.used(attempt)
    }

    /// What the log's budget lacks for one more attempt, and when the day ends on which it does.
    pub(crate) fn budget_lacks(&self, now: Timestamp) -> Option<(Shortfall, Timestamp)> {
        let Self { limits, .. } = self;
        if limits.budget.is_unlimited() {
            return None;
        }
        self.spending.all().lack(&limits.budget, limits.reservation, now.date_naive())
    }

    /// The same for a target's own budget.
    pub(crate) fn target_budget_lacks(
        &self,
        target: &Target,
        now: Timestamp,
    ) -> Option<(Shortfall, Timestamp)> {
        let budget = &target.limits.budget;
        if budget.is_unlimited() {
            return None;
        }
        self.spending.days_of(&target.target_id).lack(budget, self.limits.reservation, now.date_naive())
    }

    /// Whose candidates the limit of open pull requests lets start: all, those that have a place, or none.
    pub(super) fn let_by_open_prs(&self, target: &Target) -> Option<Which> {
        let Some(most) = target.max_open_prs() else { return Some(Which::All) };
        match self.occupied(&target.target_id) {
            occupied if occupied < most => Some(Which::All),
            occupied if occupied == most => Some(Which::Marked),
            _ => None,
        }
    }

    /// The candidates of a target that may start at `now` as far as they differ from one another, in the order in which
    /// they should: what else holds them up holds up all of them.
    pub(crate) fn candidates(
        &self,
        target: &TargetId,
        now: Timestamp,
    ) -> impl Iterator<Item = TaskKey> + use<'_> {
        let known = self.targets.get(target);
        let which = known.and_then(|target| Some((&target.target_id, self.let_by_open_prs(target)?)));
        which.into_iter().flat_map(move |(target, which)| {
            let tasks = self.candidates.of(target, which, now);
            tasks.map(|task| TaskKey::new(target.clone(), task.clone()))
        })
    }

    /// The targets that may start something at `now`, in the order of their turns.
    pub(crate) fn targets_in_turn(&self, now: Timestamp) -> impl Iterator<Item = &TargetId> {
        self.turns.at(now)
    }

    /// From when on a target may start something, if time is all that holds it up.
    pub(crate) fn starts_from(&self, target: &TargetId) -> Option<Timestamp> {
        self.turns.from(target)
    }

    /// The first time from `now` on, or after it, at which any target may start something because of the time alone.
    pub(crate) fn next_turn(&self, now: Timestamp, or_now: bool) -> Option<Timestamp> {
        if or_now && self.turns.any_at(now) { Some(now) } else { self.turns.next_time(now) }
    }
}
