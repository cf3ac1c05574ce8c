//! How types of the core look in JSON, for the API's description.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the control plane saw it or a worker says so.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Origin)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OriginSchema {
    /// Seen by the control plane, an executor, the forge, or ordered by an operator.
    Observed,
    /// Said by a worker, which runs code that nobody reviewed.
    Claimed,
}

/// One fault of a request.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct FaultSchema {
    /// JSON path of the fault, for instance `events[3].payload.attempt_id`, or the name of a parameter.
    path: String,
    /// What is wrong there and what is expected.
    what: String,
}
