//! `BundleBody`: a bundle as it is posted, for the API's description. [`leviathan_core::Bundle`] reads it.

use crate::view::schema::IdSchema;
use serde_json::Value;
use utoipa::ToSchema;

/// A worker's events, taken whole or not at all. Unknown keys inside a payload are kept, others dropped.
#[derive(ToSchema)]
#[schema(as = Bundle, example = json!({
    "target": "radix",
    "bundle_id": "bundle-attempt-1a2b3c4d",
    "events": [{
        "event_id": "attempt-1a2b3c4d-started",
        "event_type": "attempt.started",
        "timestamp": "2026-01-24T10:00:05Z",
        "actor_id": "worker-attempt-1a2b3c4d",
        "payload": {"attempt_id": "attempt-1a2b3c4d", "status": "running"},
    }],
    "artifacts": [{
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "kind": "log",
        "size": 0,
        "name": "pod.log",
    }],
}))]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct BundleBody {
    /// The target that the events belong to.
    #[schema(value_type = IdSchema)]
    target: String,
    /// The producer's name for the bundle. Several bundles may have the same.
    #[schema(required = false)]
    bundle_id: String,
    /// The events, in the producer's order. One that is in the log already counts as a duplicate.
    #[schema(max_items = 10_000)]
    events: Vec<BundleEvent>,
    /// Artifacts of the attempt that the events name; each becomes an `artifact.created`.
    #[schema(max_items = 10_000)]
    artifacts: Option<Vec<BundleArtifact>>,
}

/// What a worker says happened.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct BundleEvent {
    /// The producer's name for it. The same id with other content is another fact.
    #[schema(value_type = IdSchema)]
    event_id: String,
    /// What kind of fact it is. Types of the control plane's own need what their payload is about; any other is recorded as it is.
    #[schema(value_type = IdSchema)]
    event_type: String,
    /// The version of the payload's shape; 1 if it is left out.
    #[schema(required = false, minimum = 1)]
    version: u32,
    /// When it happened, by the producer's clock. Without an offset it is UTC.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Who says so.
    #[schema(value_type = IdSchema)]
    actor_id: String,
    /// What happened.
    #[schema(value_type = Object)]
    payload: Value,
}

/// Bytes that a worker left behind.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct BundleArtifact {
    /// SHA-256 of the bytes, in lower-case hex digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// What they are, for instance `log`.
    #[schema(required = false)]
    kind: String,
    /// Where its producer keeps them.
    uri: Option<String>,
    /// How many there are.
    #[schema(required = false, format = "uint64")]
    size: u64,
    /// A file name for people.
    name: Option<String>,
}
