//! `WebhookReceipt`: the answer to a webhook.

use leviathan_core::id::TargetId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookReceipt {
    /// `accepted`.
    pub status: String,
    /// The targets whose forge is asked at once, where this process asks it; elsewhere within the minute.
    #[schema(value_type = Vec<String>)]
    pub targets: Vec<TargetId>,
}
