//! The seam to wherever the log is kept.

mod error;
mod memory;
mod seam;

pub use error::{StoreError, StoreErrorKind};
pub use memory::MemoryEventStore;
pub use seam::EventStore;
