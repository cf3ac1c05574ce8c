//! `EventPage`: a page of the log.

use super::EventView;
use leviathan_core::log::Position;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/events`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<EventView>,
    /// How many there are on this page; none at the end of the log.
    pub count: usize,
    /// The position to ask the next page with.
    #[schema(value_type = u64)]
    pub next_after: Position,
}
