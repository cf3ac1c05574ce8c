//! `next`: what to start now.

use super::admit;
use crate::Timestamp;
use crate::graph::{Graph, TaskKey};
use crate::id::TargetId;
use std::collections::VecDeque;

/// A task that may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The task.
    pub task: TaskKey,
}

/// The tasks that may start at `now`, each judged by itself, as many as the running limit leaves room for. What one start
/// changes for the others is known once it is in the log: then ask again.
///
/// Targets take turns, the one whose last attempt is oldest first; within a target priority goes before backlog order.
/// Neither tasks that cannot start nor targets that are held up are visited, however many there are.
pub fn next(graph: &Graph, now: Timestamp) -> impl Iterator<Item = Start> + '_ {
    let mut fresh = graph.targets_in_turn(now);
    let mut turns = VecDeque::new();
    let mut starts = std::iter::from_fn(move || {
        loop {
            let mut target = match fresh.next() {
                Some(target) => starts_of(graph, target, now),
                None => turns.pop_front()?,
            };
            if let Some(start) = target.next() {
                turns.push_back(target);
                return Some(start);
            }
        }
    });
    (0..room(graph, now)).map_while(move |_| starts.next())
}

/// The same for one target.
pub fn next_of<'a>(
    graph: &'a Graph,
    target: &TargetId,
    now: Timestamp,
) -> impl Iterator<Item = Start> + use<'a> {
    starts_of(graph, target, now).take(room(graph, now))
}

/// When something may start that can't now, because of the time alone: of one target, or of any. What can start now waits
/// for no time.
pub fn next_due(graph: &Graph, only: Option<&TargetId>, now: Timestamp) -> Option<Timestamp> {
    let budget = graph.budget_lacks(now);
    if budget.is_some_and(|(short, _)| short.lasts()) {
        return None;
    }
    let new_day = budget.map(|(_, until)| until);
    let from = new_day.unwrap_or(now);
    match only {
        Some(target) => {
            let starts = graph.starts_from(target)?.max(from);
            Some(starts).filter(|starts| *starts > now)
        }
        None => graph.next_turn(from, new_day.is_some()),
    }
}

/// The starts of one target. A candidate that is not admitted is held up by what holds up its siblings as well.
fn starts_of<'a>(
    graph: &'a Graph,
    target: &TargetId,
    now: Timestamp,
) -> impl Iterator<Item = Start> + use<'a> {
    let candidates = graph.candidates(target, now);
    let admitted = candidates.take_while(move |key| admit(graph, key, now).is_ok());
    admitted.map(|task| Start { task })
}

/// How many more attempts the limits of the whole log let be open.
fn room(graph: &Graph, now: Timestamp) -> usize {
    match graph.budget_lacks(now) {
        Some(_) => 0,
        None => (graph.limits().max_running.get() as usize).saturating_sub(graph.open_count()),
    }
}
