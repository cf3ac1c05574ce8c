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

/// How far an attempt is.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = AttemptStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptStatusSchema {
    /// Decided, not yet launched.
    Created,
    /// Taken by its executor.
    Submitted,
    /// Its worker runs.
    Running,
    /// The work is done and pushed.
    Succeeded,
    /// It is not.
    Failed,
    /// It was told to stop, and did.
    Cancelled,
    /// An operator took it back.
    Invalidated,
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
