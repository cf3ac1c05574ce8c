//! The backlog of a target repository, as its file says it.

mod priority;
mod task_status;

pub use priority::Priority;
pub use task_status::TaskStatus;
