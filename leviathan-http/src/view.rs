//! The JSON that the API answers with, as one type for each shape.

mod artifact;
mod attempt;
mod digest;
mod event;
mod event_page;
mod failure;
mod ingest;
mod ordered;
mod recent_event;
pub(crate) mod schema;
mod summary;
mod task;
mod task_status;
mod webhook;

pub use artifact::ArtifactView;
pub use attempt::{AttemptDetail, AttemptNode, AttemptPage, AttemptView};
pub use digest::GraphDigest;
pub use event::EventView;
pub use event_page::EventPage;
pub use failure::{FailurePage, FailureView};
pub use ingest::IngestReceipt;
pub use ordered::{AttemptOrdered, LimitsView, TargetOrdered, TaskOrdered};
pub use recent_event::RecentEventView;
pub use summary::GraphSummary;
pub use task::{TaskPage, TaskView};
pub use task_status::{NoTaskStatus, TaskStatus};
pub use webhook::WebhookReceipt;
