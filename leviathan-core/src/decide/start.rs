//! Opening an attempt.

use super::{Decisions, Rejection};
use crate::Timestamp;
use crate::event::Event;
use crate::event::payload::AttemptCreated;
use crate::executor::AttemptSpec;
use crate::graph::{Graph, TaskKey};
use crate::id::{ActorId, AttemptId, ExecutorName};
use crate::schedule::{Blocked, admit};
use std::num::NonZeroU64;

/// Opens the next attempt of a task, if [`admit`] lets it at this head of the log.
pub(super) fn decide(
    graph: &Graph,
    key: &TaskKey,
    executor: &ExecutorName,
    now: Timestamp,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let refuse = |blocked| Rejection::NotAdmitted { task: key.clone(), blocked };
    admit(graph, key, now).map_err(refuse)?;
    let (Some(task), Some(target)) = (graph.task(key), graph.target(&key.target_id)) else {
        return Err(refuse(Blocked::Unknown));
    };
    let base_commit = target.commit.clone().ok_or(refuse(Blocked::NotSynced))?;
    let (attempt_id, attempt_number) = next_attempt(graph, key, task.attempts.len(), decided);
    let spec = AttemptSpec {
        attempt_id: attempt_id.clone(),
        attempt_number,
        target_id: key.target_id.clone(),
        task_id: task.fields.task_id.clone(),
        repo_url: target.repo_url.clone(),
        default_branch: target.default_branch.clone(),
        base_commit,
        deadline_seconds: target.policy.deadline_seconds.and_then(NonZeroU64::new),
        forge: target.forge.clone(),
    };
    let created = AttemptCreated {
        attempt_id,
        task_id: task.fields.task_id.clone(),
        target_id: Some(key.target_id.clone()),
        attempt_number,
        status: "created".to_owned(),
        executor: Some(executor.clone()),
        spec: Some(spec),
        reservation: Some(graph.limits().reservation).filter(|reservation| !reservation.is_nothing()),
    };
    decided.push(ActorId::scheduler(), Some(&key.target_id), Event::AttemptCreated(created));
    Ok(())
}

/// The id that follows from how many attempts the task has had. An id that a claim took already is passed over.
fn next_attempt(graph: &Graph, key: &TaskKey, had: usize, decided: &Decisions) -> (AttemptId, u32) {
    let mut number = u32::try_from(had).unwrap_or(u32::MAX).saturating_add(1);
    loop {
        let id = AttemptId::derive(decided.log, &key.target_id, &key.task_id, number);
        if graph.attempt(&id).is_none() || number == u32::MAX {
            return (id, number);
        }
        number += 1;
    }
}
