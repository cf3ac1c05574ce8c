//! `Held`: what one executor is known to hold, gathered from its watch.

use crate::Timestamp;
use crate::executor::{Observation, Sighting};
use crate::graph::Graph;
use crate::id::{AttemptId, ExecutorName};
use crate::log::Position;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// How long something that the log does not know must have been held before it is stopped.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// What one executor is known to hold, gathered from its watch.
#[derive(Debug, Clone)]
pub struct Held {
    pub(super) executor: ExecutorName,
    pub(super) attempts: BTreeMap<AttemptId, Sighting>,
    pub(super) gone: BTreeSet<AttemptId>,
    /// Launched since this watch began, so that its opening need not have shown them.
    pub(super) launched: BTreeSet<AttemptId>,
    pub(super) synced: bool,
    /// When each was seen first, in this watch or one before.
    first_seen: BTreeMap<AttemptId, Timestamp>,
    /// The head of the log as it was read at this time or later.
    head_read: Option<(Timestamp, Position)>,
}

impl Held {
    /// Nothing is known yet.
    pub fn nothing(executor: ExecutorName) -> Self {
        Self {
            executor,
            attempts: BTreeMap::new(),
            gone: BTreeSet::new(),
            launched: BTreeSet::new(),
            synced: false,
            first_seen: BTreeMap::new(),
            head_read: None,
        }
    }

    /// A watch begins anew: what it opens with is the truth, but for the launches that are still under way.
    pub fn watch_began(&mut self, launches_under_way: impl Fn(&AttemptId) -> bool) {
        self.attempts.clear();
        self.gone.clear();
        self.launched.retain(launches_under_way);
        self.synced = false;
    }

    /// Takes an item of the watch, seen at `now`. A phase that goes back is ignored.
    pub fn observe(&mut self, observation: Observation, now: Timestamp) {
        match observation {
            Observation::Synced => {
                self.synced = true;
                self.first_seen.retain(|attempt, _| self.attempts.contains_key(attempt));
            }
            Observation::Gone(attempt) => {
                self.forget(&attempt);
                self.gone.insert(attempt);
            }
            Observation::Held(sighting) => {
                self.launched.remove(&sighting.attempt_id);
                self.gone.remove(&sighting.attempt_id);
                self.first_seen.entry(sighting.attempt_id.clone()).or_insert(now);
                let known = self.attempts.get(&sighting.attempt_id);
                if known.is_none_or(|known| known.phase.rank() <= sighting.phase.rank()) {
                    self.attempts.insert(sighting.attempt_id.clone(), sighting);
                }
            }
        }
    }

    /// An attempt is about to be launched.
    pub fn launching(&mut self, attempt: &AttemptId) {
        self.launched.insert(attempt.clone());
        self.gone.remove(attempt);
    }

    /// A launch did not work: it is due again.
    pub fn not_launched(&mut self, attempt: &AttemptId) {
        self.launched.remove(attempt);
    }

    /// Nothing more is to be done about an attempt.
    pub fn forget(&mut self, attempt: &AttemptId) {
        self.attempts.remove(attempt);
        self.launched.remove(attempt);
        self.gone.remove(attempt);
        self.first_seen.remove(attempt);
    }

    /// The log's store was asked at `asked` where the log ends, and it ended there or further on.
    pub fn head_read(&mut self, asked: Timestamp, head: Position) {
        self.head_read = Some((asked, head));
    }

    /// Whether something that the graph does not know has been held for so long that [`reconcile`](super::reconcile)
    /// needs to be told a head of the log by [`head_read`](Self::head_read).
    pub fn wants_head(&self, graph: &Graph, now: Timestamp) -> bool {
        let asked = self.head_read.map(|(asked, _)| asked);
        self.unknown_to(graph)
            .any(|(_, seen)| seen + PATIENCE <= now && asked.is_none_or(|asked| asked <= seen))
    }

    /// When something that the graph does not know will have been held for so long, if that is after `now`.
    pub fn next_due(&self, graph: &Graph, now: Timestamp) -> Option<Timestamp> {
        self.unknown_to(graph).map(|(_, seen)| seen + PATIENCE).filter(|due| *due > now).min()
    }

    /// What is known to be in no event of the log, although it is ours by name, and has been held for a while.
    pub(super) fn strangers(&self, graph: &Graph, now: Timestamp) -> impl Iterator<Item = &Sighting> {
        let reached = self.head_read.filter(|(_, head)| graph.head().position >= *head);
        let asked = reached.map(|(asked, _)| asked);
        self.unknown_to(graph)
            .filter(move |(_, seen)| *seen + PATIENCE <= now && asked.is_some_and(|asked| asked > *seen))
            .map(|(sighting, _)| sighting)
    }

    /// Whether everything held when the watch began has been said.
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// Whether anything is held.
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    fn unknown_to(&self, graph: &Graph) -> impl Iterator<Item = (&Sighting, Timestamp)> {
        let unknown = self.attempts.values().filter(|held| graph.attempt(&held.attempt_id).is_none());
        unknown.filter_map(|held| Some((held, *self.first_seen.get(&held.attempt_id)?)))
    }
}
