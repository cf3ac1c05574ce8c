//! The JSON that the API answers with, as one type for each shape.

mod artifact;
mod attempt;
mod event;
mod event_page;
mod ingest;
mod recent_event;
pub(crate) mod schema;
mod summary;

pub use artifact::ArtifactView;
pub use attempt::{AttemptDetail, AttemptNode, AttemptView};
pub use event::EventView;
pub use event_page::EventPage;
pub use ingest::IngestReceipt;
pub use recent_event::RecentEventView;
pub use summary::GraphSummary;
