//! Taking over a backlog: what appeared, what was edited, what vanished.

use super::{Decisions, Rejection};
use crate::backlog::Backlog;
use crate::event::Event;
use crate::event::payload::{TargetFields, TaskFields, TaskReason};
use crate::graph::{Graph, TaskKey};
use crate::id::{ActorId, TargetId, TaskId};
use crate::target::TargetPolicy;
use std::collections::BTreeSet;

/// Records in what a backlog and a policy differ from what the graph has. The same backlog twice is nothing new.
pub(super) fn sync(
    graph: &Graph,
    target: &TargetId,
    commit: &str,
    policy: &TargetPolicy,
    backlog: &Backlog,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let known = graph.target(target).ok_or_else(|| Rejection::UnknownTarget(target.clone()))?;
    let policy = &TargetPolicy { max_open_prs: backlog.max_open_prs, ..policy.clone() };
    if known.commit.as_deref() != Some(commit) || known.policy != *policy {
        let fields = TargetFields {
            target_id: Some(target.clone()),
            commit: Some(commit.to_owned()),
            policy: Some(policy.clone()),
            ..TargetFields::default()
        };
        decided.push(ActorId::control_plane(), Some(target), Event::TargetUpdated(fields));
    }
    let mut named: BTreeSet<&TaskId> = backlog.left_out.iter().collect();
    for fields in &backlog.tasks {
        if !named.insert(&fields.task_id) {
            // Named twice: the first counts, as in the file's own errors.
            continue;
        }
        let fields = TaskFields { target_id: Some(target.clone()), ..fields.clone() };
        let event = match graph.task(&TaskKey::new(target.clone(), fields.task_id.clone())) {
            None => Event::TaskCreated(fields),
            Some(task) if task.fields == fields && !task.removed => continue,
            Some(_) => Event::TaskUpdated(fields),
        };
        decided.push(ActorId::control_plane(), Some(target), event);
    }
    for task in graph.tasks(target).filter(|task| !task.removed && !named.contains(&task.key.task_id)) {
        let fields = TaskReason {
            task_id: task.key.task_id.clone(),
            target_id: Some(target.clone()),
            status: None,
            reason: format!("not in the backlog at {commit}"),
        };
        decided.push(ActorId::control_plane(), Some(target), Event::TaskRemoved(fields));
    }
    Ok(())
}
