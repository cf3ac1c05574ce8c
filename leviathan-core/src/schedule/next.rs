//! `next`: what to start now.

use super::{Blocked, admit};
use crate::Timestamp;
use crate::graph::{Graph, Target, TaskKey};
use crate::id::TargetId;
use std::collections::VecDeque;

/// A task that may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The task.
    pub task: TaskKey,
}

/// The tasks that may start at `now`, as many as the running limit leaves room for.
///
/// Targets take turns, the one whose last attempt is oldest first; within a target priority goes before backlog order.
/// Only candidates are visited: tasks that are pending, ready and free of unmet dependencies.
pub fn next(graph: &Graph, now: Timestamp) -> impl Iterator<Item = Start> + '_ {
    let mut targets: Vec<&Target> = graph.targets().collect();
    targets.sort_by_key(|target| (target.last_attempt, &target.target_id));
    let mut turns: VecDeque<_> =
        targets.into_iter().map(|target| graph.candidates().of(&target.target_id, now)).collect();
    let mut starts = std::iter::from_fn(move || {
        while let Some(mut target) = turns.pop_front() {
            // A candidate that is not admitted is held up by its target, and so are its siblings.
            if let Some(key) = target.next().filter(|key| admit(graph, key, now).is_ok()) {
                turns.push_back(target);
                return Some(Start { task: key.clone() });
            }
        }
        None
    });
    (0..room(graph)).map_while(move |_| starts.next())
}

/// The same for one target.
pub fn next_of<'a>(
    graph: &'a Graph,
    target: &TargetId,
    now: Timestamp,
) -> impl Iterator<Item = Start> + use<'a> {
    let candidates = graph.candidates().of(target, now);
    let admitted = candidates.take_while(move |key| admit(graph, key, now).is_ok());
    admitted.take(room(graph)).map(|key| Start { task: key.clone() })
}

/// When the next task that only waits for its time may start, if there is one: of one target, or of all.
pub fn next_due(graph: &Graph, only: Option<&TargetId>, now: Timestamp) -> Option<Timestamp> {
    let first = |target: &Target| {
        let (due, key) = graph.candidates().delayed(&target.target_id, now).next()?;
        matches!(admit(graph, key, now), Err(Blocked::BackingOff { .. })).then_some(due)
    };
    graph.targets().filter(|target| only.is_none_or(|only| target.target_id == *only)).filter_map(first).min()
}

fn room(graph: &Graph) -> usize {
    (graph.limits().max_running.get() as usize).saturating_sub(graph.open_count())
}
