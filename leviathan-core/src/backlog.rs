//! The backlog of a target repository, as its file says it.

mod cycle;
mod file;
mod parse;
mod priority;
mod read_task;
mod task_status;

pub use cycle::Cycle;
pub use file::{Backlog, MAX_TASKS};
pub use priority::Priority;
pub use task_status::TaskStatus;
