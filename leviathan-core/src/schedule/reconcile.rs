//! `reconcile`: what the graph says against what an executor holds.

use crate::executor::{AttemptSpec, Observation, Phase, Sighting};
use crate::graph::{Attempt, AttemptState, Graph};
use crate::id::{AttemptId, ExecutorName};
use crate::log::Head;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one executor is known to hold, gathered from its watch.
#[derive(Debug, Clone)]
pub struct Held {
    executor: ExecutorName,
    attempts: BTreeMap<AttemptId, Sighting>,
    gone: BTreeSet<AttemptId>,
    /// Launched since this watch began, so that its opening need not have shown them.
    launched: BTreeSet<AttemptId>,
    synced: bool,
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
        }
    }

    /// A watch begins anew: what it opens with is the truth, but for the launches that are still under way.
    pub fn watch_began(&mut self, launches_under_way: impl Fn(&AttemptId) -> bool) {
        let mut launched = std::mem::take(&mut self.launched);
        launched.retain(launches_under_way);
        *self = Self { launched, ..Self::nothing(self.executor.clone()) };
    }

    /// Takes an item of the watch. A phase that goes back is ignored.
    pub fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Synced => self.synced = true,
            Observation::Gone(attempt) => {
                self.attempts.remove(&attempt);
                self.gone.insert(attempt);
            }
            Observation::Held(sighting) => {
                self.launched.remove(&sighting.attempt_id);
                self.gone.remove(&sighting.attempt_id);
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
    }

    /// Whether everything held when the watch began has been said.
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// Whether anything is held.
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }
}

/// What to do about one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Make it exist.
    Launch {
        /// What to run.
        spec: Arc<AttemptSpec>,
        /// Where its `attempt.created` stands.
        created: Head,
    },
    /// Record what was seen of it.
    Record(Sighting),
    /// Record that the executor does not know it any more.
    RecordLost(AttemptId),
    /// Ask it to stop.
    Cancel(AttemptId),
    /// Forget it: its outcome is durable.
    Release(AttemptId),
}

impl Decision {
    /// The attempt that it is about.
    pub fn attempt_id(&self) -> &AttemptId {
        match self {
            Self::Launch { spec, .. } => &spec.attempt_id,
            Self::Record(sighting) => &sighting.attempt_id,
            Self::RecordLost(attempt) | Self::Cancel(attempt) | Self::Release(attempt) => attempt,
        }
    }
}

/// Holds the graph against what an executor holds, and says what to do: at most one thing for each attempt.
///
/// Start-up and steady state are this one path, so a restart is nothing special. Attempts of other executors are left
/// alone, and so is what the executor holds that the graph does not know.
pub fn reconcile(graph: &Graph, held: &Held) -> Vec<Decision> {
    let open = graph.open_attempts().filter(|attempt| attempt.executor.as_ref() == Some(&held.executor));
    let of_open = open.filter_map(|attempt| about_open(attempt, held));
    let ended = held.attempts.values().filter_map(|sighting| {
        let attempt = graph.attempt(&sighting.attempt_id)?;
        let ours = attempt.executor.as_ref() == Some(&held.executor);
        (ours && attempt.is_ended()).then(|| about_ended(sighting))
    });
    of_open.chain(ended).collect()
}

fn about_open(attempt: &Attempt, held: &Held) -> Option<Decision> {
    let id = &attempt.attempt_id;
    let Some(sighting) = held.attempts.get(id) else {
        let never_launched = attempt.state == AttemptState::Created && !held.gone.contains(id);
        let unseen = held.synced && !held.launched.contains(id);
        return match (&attempt.spec, &attempt.cancel_requested) {
            // Nothing runs yet and nothing shall: it is as good as gone.
            (_, Some(_)) if never_launched && unseen => Some(Decision::RecordLost(id.clone())),
            (Some(spec), None) if never_launched && unseen => {
                Some(Decision::Launch { spec: spec.clone(), created: attempt.created })
            }
            _ if held.gone.contains(id) || unseen => Some(Decision::RecordLost(id.clone())),
            _ => None,
        };
    };
    let further = match (&attempt.state, &sighting.phase) {
        (AttemptState::Created, _) => true,
        (AttemptState::Submitted, phase) => phase.rank() > 0,
        (_, phase) => matches!(phase, Phase::Finished(_)),
    };
    if further {
        return Some(Decision::Record(sighting.clone()));
    }
    attempt.cancel_requested.as_ref().map(|_| Decision::Cancel(id.clone()))
}

fn about_ended(sighting: &Sighting) -> Decision {
    match sighting.phase {
        Phase::Finished(_) => Decision::Release(sighting.attempt_id.clone()),
        Phase::Submitted | Phase::Running => Decision::Cancel(sighting.attempt_id.clone()),
    }
}
