//! Reading one task of a backlog file.

use super::{Priority, TaskStatus};
use crate::event::MAX_EVENT_BYTES;
use crate::event::payload::TaskFields;
use crate::id::TaskId;
use crate::policy::PathPattern;
use crate::yaml::{Entry, Faults, Fields};
use std::collections::BTreeSet;

/// A task becomes an event, and half of one is room enough.
const MAX_TASK_BYTES: usize = MAX_EVENT_BYTES / 2;
/// An id becomes part of a branch's name and of file names.
const MAX_ID_BYTES: usize = 200;

const PRIORITIES: [(&str, Priority); 3] =
    [("high", Priority::High), ("medium", Priority::Medium), ("low", Priority::Low)];
const STATUSES: [(&str, TaskStatus); 5] = [
    ("pending", TaskStatus::Pending),
    ("pr_opened", TaskStatus::PrOpened),
    ("ready_to_merge", TaskStatus::ReadyToMerge),
    ("blocked", TaskStatus::Blocked),
    ("completed", TaskStatus::Completed),
];

/// Reads the task at `order` in its backlog; none if not even its id can be read. Where faults were added, the task is
/// not to be used.
pub(super) fn read_task(entry: &Entry<'_>, order: usize, faults: &mut Faults) -> Option<TaskFields> {
    let fields = entry.fields(faults)?;
    let task_id = read_id(&fields, faults)?;
    let text = |name: &str, faults: &mut Faults| {
        fields.get(name).and_then(|entry| entry.text(faults)).unwrap_or_default()
    };
    let texts = |name: &str, faults: &mut Faults| {
        fields.get(name).map(|entry| entry.texts(faults)).unwrap_or_default()
    };
    // The commit's subject is made of it.
    let title = text("title", faults).split_whitespace().collect::<Vec<_>>().join(" ");
    let task = TaskFields {
        title: if title.is_empty() { task_id.to_string() } else { title },
        description: text("description", faults),
        scope: text("scope", faults).trim().to_owned(),
        priority: fields
            .get("priority")
            .and_then(|entry| entry.choice(faults, &PRIORITIES))
            .unwrap_or_default(),
        estimated_size: text("estimated_size", faults),
        allowed_paths: fields.get("allowed_paths").map(|entry| read_paths(entry, faults)).unwrap_or_default(),
        acceptance_criteria: texts("acceptance_criteria", faults),
        dependencies: fields.get("dependencies").map(|entry| read_ids(entry, faults)).unwrap_or_default(),
        labels: texts("labels", faults),
        ready: fields.get("ready").and_then(|entry| entry.flag(faults)).unwrap_or_default(),
        status: fields.get("status").and_then(|entry| entry.choice(faults, &STATUSES)).unwrap_or_default(),
        order: u32::try_from(order).unwrap_or(u32::MAX),
        task_id,
        target_id: None,
    };
    let bytes = serde_json::to_vec(&task).map_or(0, |json| json.len());
    if bytes > MAX_TASK_BYTES {
        entry.fault(faults, format!("the task has {bytes} bytes; at most {MAX_TASK_BYTES}"));
    }
    Some(task)
}

/// The id under either of its names.
fn read_id(fields: &Fields<'_>, faults: &mut Faults) -> Option<TaskId> {
    let (Some(entry), other) = (match (fields.get("id"), fields.get("task_id")) {
        (Some(id), other) => (Some(id), other),
        (None, other) => (other, None),
    }) else {
        fields.require("id", faults);
        return None;
    };
    let id = id_of(entry, faults)?;
    if let Some(other) = other
        && id_of(other, faults).is_some_and(|other| other != id)
    {
        other.fault(faults, format!("differs from `id`, which is `{id}`; one of the two is enough"));
    }
    Some(id)
}

fn id_of(entry: &Entry<'_>, faults: &mut Faults) -> Option<TaskId> {
    let text = entry.words(faults)?;
    if text.len() > MAX_ID_BYTES || text.contains(char::is_control) {
        entry.fault(
            faults,
            format!("expected an id of at most {MAX_ID_BYTES} bytes without control characters"),
        );
        return None;
    }
    TaskId::new(text).ok()
}

fn read_ids(list: &Entry<'_>, faults: &mut Faults) -> Vec<TaskId> {
    let mut seen = BTreeSet::new();
    let ids = list.list(faults);
    ids.iter().filter_map(|item| id_of(item, faults)).filter(|id| seen.insert(id.clone())).collect()
}

fn read_paths(list: &Entry<'_>, faults: &mut Faults) -> Vec<String> {
    PathPattern::read_list(list, faults).iter().map(ToString::to_string).collect()
}
