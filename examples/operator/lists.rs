//! Lists, page after page until there are as many as were asked for.

use super::cli::OfTarget;
use anyhow::Result;
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::TaskId;
use leviathan_http::client::{Asking, AttemptQuery, FailureQuery, TaskQuery};
use leviathan_http::view::{AttemptView, FailureView, TaskStatus, TaskView};

/// The most that one page has.
const PAGE: u64 = 500;

/// How many more are due, on one page.
fn due(limit: u64, have: usize) -> Option<u64> {
    Some(limit.saturating_sub(have as u64).min(PAGE)).filter(|due| *due > 0)
}

pub(crate) async fn attempts(
    asking: Asking<'_>,
    of: OfTarget,
    task: Option<TaskId>,
    status: Option<AttemptStatus>,
) -> Result<Vec<AttemptView>> {
    let mut query = AttemptQuery { target: of.target, task, status, ..Default::default() };
    let mut all = Vec::new();
    while let Some(due) = due(of.limit.get(), all.len()) {
        query.limit = Some(due);
        let page = asking.attempts(&query).await?;
        all.extend(page.attempts);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

pub(crate) async fn failures(asking: Asking<'_>, of: OfTarget) -> Result<Vec<FailureView>> {
    let mut query = FailureQuery { target: of.target, ..Default::default() };
    let mut all = Vec::new();
    while let Some(due) = due(of.limit.get(), all.len()) {
        query.limit = Some(due);
        let page = asking.failures(&query).await?;
        all.extend(page.failures);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

pub(crate) async fn tasks(
    asking: Asking<'_>,
    of: OfTarget,
    status: Option<TaskStatus>,
) -> Result<Vec<TaskView>> {
    let mut query = TaskQuery { target: of.target, status, ..Default::default() };
    let mut all = Vec::new();
    while let Some(due) = due(of.limit.get(), all.len()) {
        query.limit = Some(due);
        let page = asking.tasks(&query).await?;
        all.extend(page.tasks);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(all)
}
