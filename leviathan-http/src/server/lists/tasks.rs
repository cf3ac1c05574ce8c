//! `GET /v1/tasks`: tasks, and why those that do not run don't.

use super::page::take_page;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::view::schema::IdSchema;
use crate::view::{TaskPage, TaskStatus, TaskView};
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::graph::{NoCursor, Task, TaskKey};
use leviathan_core::id::TargetId;
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

/// How many tasks a page has unless the request says otherwise.
const USUAL: usize = 50;
/// How many it may have.
const MOST: usize = 500;
/// How many are looked at for those of one status, so that a page never holds up who writes.
const LOOKED_AT: usize = 10_000;

/// Tasks, by target and id, and why those that do not run don't.
///
/// `next_cursor` is what to ask `cursor` for the next page, with the same other parameters; the last page has none. A page
/// of one status may have fewer than `limit` tasks, or none, and still not be the last.
#[utoipa::path(
    get,
    path = "/v1/tasks",
    operation_id = "tasks",
    params(
        ("target" = Option<IdSchema>, Query, description = "Only those of this target."),
        ("status" = Option<TaskStatus>, Query, description = "Only those of this status."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 500, description = "How many at most; 50 if it is left out."),
        ("cursor" = Option<String>, Query, description = "Where the page before ended."),
    ),
    responses((status = 200, description = "The page.", body = TaskPage), BadRequest)
)]
pub(in crate::server) async fn list(
    State(ledger): State<Ledger>,
    mut asked: Asked,
) -> Result<Json<TaskPage>, Problem> {
    let target: Option<TargetId> = asked.read("target");
    let status: Option<TaskStatus> = asked.read("status");
    let limit = asked.limit(USUAL, MOST);
    let cursor: Option<TaskCursor> = asked.read("cursor");
    asked.end()?;
    let (behind, now) = (cursor.map(|TaskCursor(key)| key), SystemTime::now().into());
    Ok(Json(ledger.read(|graph| {
        let of_status = |task: &Task| status.is_none_or(|status| TaskStatus::of(task) == status);
        let mut last = None;
        let looked_at =
            graph.tasks_behind(target.as_ref(), behind.as_ref()).take(LOOKED_AT).inspect(|task| {
                last = Some(&task.key);
            });
        let found = looked_at.filter(|task| of_status(task)).map(|task| (&task.key, task));
        let (tasks, next) = take_page(found, limit);
        let more = |key: &&TaskKey| graph.tasks_behind(target.as_ref(), Some(key)).next().is_some();
        let next = next.or(last.filter(more));
        let tasks: Vec<_> = tasks.into_iter().map(|task| TaskView::of(graph, task, now)).collect();
        TaskPage {
            count: tasks.len(),
            tasks,
            next_cursor: next.map(|key| TaskCursor(key.clone()).to_string()),
        }
    })))
}

/// Where a list of tasks goes on: behind this one. Its text says how long the target's name is, which may hold any sign.
struct TaskCursor(TaskKey);

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.target_id.as_str().len(), self.0)
    }
}

impl FromStr for TaskCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let read = || {
            let (length, key) = text.split_once('-')?;
            let (target, task) = key.split_at_checked(length.parse().ok()?)?;
            Some(TaskKey::new(target.parse().ok()?, task.strip_prefix('/')?.parse().ok()?))
        };
        read().map(Self).ok_or(NoCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_written_whatever_the_names_hold() {
        for (target, task) in [("radix", "docs"), ("a/b", "c/d"), ("1-x", "ü/-"), ("ü", "/")] {
            let key = TaskKey::new(target.parse().unwrap(), task.parse().unwrap());
            assert_eq!(TaskCursor(key.clone()).to_string().parse::<TaskCursor>().unwrap().0, key);
        }
        for text in ["", "5", "5-radix", "5-radix/", "0-/docs", "1-ü/docs", "9999-a/b"] {
            assert!(text.parse::<TaskCursor>().is_err(), "{text}");
        }
    }
}
