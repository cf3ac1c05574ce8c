//! Lists, page after page until there are as many as were asked for.

use super::cli::OfTarget;
use anyhow::Result;
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::TaskId;
use leviathan_http::client::{Asking, AttemptQuery, FailureQuery, TaskQuery};
use leviathan_http::view::{AttemptView, FailureView, TaskStatus, TaskView};

/// The most that one page has.
const PAGE: u64 = 500;

/// A page, and the cursor of the next one.
type Page<T> = (Vec<T>, Option<String>);

/// As many as are wanted. `page` gets how many it shall have at most, and the cursor of the page before.
async fn all<T>(
    wanted: u64,
    mut page: impl AsyncFnMut(Option<u64>, Option<String>) -> Result<Page<T>>,
) -> Result<Vec<T>> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let due = wanted.saturating_sub(all.len() as u64).min(PAGE);
        if due == 0 {
            return Ok(all);
        }
        let (more, next) = page(Some(due), cursor).await?;
        all.extend(more);
        if next.is_none() {
            return Ok(all);
        }
        cursor = next;
    }
}

pub(crate) async fn attempts(
    asking: Asking<'_>,
    of: OfTarget,
    task: Option<TaskId>,
    status: Option<AttemptStatus>,
) -> Result<Vec<AttemptView>> {
    let query = AttemptQuery { target: of.target, task, status, ..Default::default() };
    let page = async |limit, cursor| {
        let page = asking.attempts(&AttemptQuery { limit, cursor, ..query.clone() }).await?;
        Ok((page.attempts, page.next_cursor))
    };
    all(of.limit.get(), page).await
}

pub(crate) async fn failures(asking: Asking<'_>, of: OfTarget) -> Result<Vec<FailureView>> {
    let query = FailureQuery { target: of.target, ..Default::default() };
    let page = async |limit, cursor| {
        let page = asking.failures(&FailureQuery { limit, cursor, ..query.clone() }).await?;
        Ok((page.failures, page.next_cursor))
    };
    all(of.limit.get(), page).await
}

pub(crate) async fn tasks(
    asking: Asking<'_>,
    of: OfTarget,
    status: Option<TaskStatus>,
) -> Result<Vec<TaskView>> {
    let query = TaskQuery { target: of.target, status, ..Default::default() };
    let page = async |limit, cursor| {
        let page = asking.tasks(&TaskQuery { limit, cursor, ..query.clone() }).await?;
        Ok((page.tasks, page.next_cursor))
    };
    all(of.limit.get(), page).await
}
