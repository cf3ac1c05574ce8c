//! `reconcile`: what the graph says against what an executor holds.

use super::Held;
use crate::Timestamp;
use crate::executor::{AttemptSpec, Phase, Sighting};
use crate::graph::{Attempt, AttemptState, Graph};
use crate::id::AttemptId;
use crate::log::Head;
use std::sync::Arc;

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
/// alone.
///
/// What the executor holds under a name of ours and the log does not know, for instance since the log is an older copy, is
/// stopped and released, but only with patience: once it was held for ten minutes, and the graph has reached a head of
/// the log that was read after it was seen ([`Held::head_read`]). An attempt is durable before it is launched, and so
/// stands before that head if it stands anywhere.
pub fn reconcile(graph: &Graph, held: &Held, now: Timestamp) -> Vec<Decision> {
    let open = graph.open_attempts().filter(|attempt| attempt.executor.as_ref() == Some(&held.executor));
    let of_open = open.filter_map(|attempt| about_open(attempt, held));
    let ended = held.attempts.values().filter_map(|sighting| {
        let attempt = graph.attempt(&sighting.attempt_id)?;
        let ours = attempt.executor.as_ref() == Some(&held.executor);
        (ours && attempt.is_ended()).then(|| about_ended(sighting))
    });
    let strangers = held.strangers(graph, now).map(about_ended);
    of_open.chain(ended).chain(strangers).collect()
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
