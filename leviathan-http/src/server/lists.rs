//! What there is, page by page: attempts, failures, tasks.

pub(super) mod attempts;
pub(super) mod failures;
mod page;
pub(super) mod task;
pub(super) mod tasks;
