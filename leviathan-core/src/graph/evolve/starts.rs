//! What follows from an event for what may start: what is booked, and whose turn it is.

use super::Context;
use crate::event::Event;
use crate::event::payload::ModelCall;
use crate::graph::turns::Turn;
use crate::graph::{Graph, Target};
use crate::id::{AttemptId, TargetId};

/// Whether what may start can be another after such an event.
pub(super) fn may_move_starts(event: &Event) -> bool {
    !matches!(
        event,
        Event::Custom
            | Event::ArtifactCreated(_)
            | Event::AttemptStarted(_)
            | Event::JobSubmitted(_)
            | Event::JobStarted(_)
            | Event::PolicyReceipt(_)
    )
}

impl Graph {
    pub(super) fn model_called(&mut self, call: &ModelCall) {
        let Some(attempt) = self.attempts.get(&call.attempt_id) else { return };
        let day = attempt.created_at.date_naive();
        self.spending.open(&call.attempt_id, day, Default::default());
        self.spending.called(call);
    }

    /// Brings up to date what follows from the state of an event's attempt and target. `told_end` says that the attempt's
    /// worker told its end.
    pub(super) fn follow_up(
        &mut self,
        attempt: Option<&AttemptId>,
        told_end: bool,
        target: Option<TargetId>,
        context: &Context,
    ) {
        let attempt = attempt.and_then(|id| self.attempts.get(id));
        let of_attempt = attempt.and_then(|attempt| attempt.task.as_ref()).map(|task| task.target_id.clone());
        if let Some(attempt) = attempt {
            let ended = attempt.is_ended();
            self.spending.follow(&attempt.attempt_id, of_attempt.as_ref(), ended, told_end);
        }
        // What is said of a pull request may be of its attempt's target, or of the envelope's.
        let touched = [target, of_attempt, context.target.clone()];
        for (index, target) in touched.iter().enumerate() {
            if let Some(id) = target.as_ref().filter(|_| !touched[..index].contains(target)) {
                self.file_turn(id);
            }
        }
    }

    pub(super) fn file_all_turns(&mut self) {
        let targets: Vec<TargetId> = self.targets.keys().cloned().collect();
        targets.iter().for_each(|target| self.file_turn(target));
    }

    fn file_turn(&mut self, id: &TargetId) {
        let turn = self.targets.get(id).and_then(|target| self.turn_of(target));
        self.turns.file(id, turn);
    }

    /// When it is a target's turn, if nothing but time is in its way. [`admit`](crate::schedule::admit) judges the same.
    fn turn_of(&self, target: &Target) -> Option<Turn> {
        let id = &target.target_id;
        if target.paused.is_some() || target.forge_unknown.is_some() || target.commit.is_none() {
            return None;
        }
        let running = self.running(id);
        if target.max_running(&self.limits).is_some_and(|most| running >= most) {
            return None;
        }
        let mut from = self.candidates.soonest(id, self.let_by_open_prs(target)?)?;
        let breaker = target.breaker(&self.limits);
        if let Some(until) = breaker.and_then(|breaker| target.streak.open_until(&breaker)) {
            // Once the time has come, one attempt at a time goes.
            if running > 0 {
                return None;
            }
            from = from.max(until);
        }
        let budget = &target.limits.budget;
        if !budget.is_unlimited() {
            let days = self.spending.days_of(id);
            if let Some((short, until)) = days.lack_at_last(budget, self.limits.reservation) {
                if short.lasts() {
                    return None;
                }
                from = from.max(until);
            }
        }
        Some(Turn { last_attempt: target.last_attempt, from })
    }
}
