//! `table`: each route there is.

use super::{Route, Who};

/// Each route, who may use it, what it takes, and what it refuses. `{attempt}` is the world's attempt, `{kept}` the digest of
/// its artifact, `{empty}` that of no bytes.
pub(crate) fn table() -> Vec<Route> {
    let anybody = |name| Route::new(name, Who::Anybody);
    let workers = |name| Route::new(name, Who::Workers);
    let operators = |name| Route::new(name, Who::Operators);
    vec![
        anybody("GET /healthz").takes(200, "/healthz"),
        anybody("GET /readyz").takes(200, "/readyz"),
        anybody("GET /v1/openapi.json").takes(200, "/v1/openapi.json"),
        workers("POST /v1/events/ingest")
            .takes_body(200, "/v1/events/ingest", STARTED)
            .refuses_body(400, "/v1/events/ingest", r#"{"target":"radix"}"#, &["bundle_id", "events"])
            .refuses_body(
                400,
                "/v1/events/ingest",
                BAD_EVENTS,
                &["events[0].event_type", "events[1].payload"],
            ),
        workers("PUT /v1/artifacts/{sha256}")
            .takes(201, "/v1/artifacts/{empty}")
            .takes_body(200, "/v1/artifacts/{kept}", "hello")
            .refuses(400, "/v1/artifacts/e3b0", &["sha256"])
            .refuses_body(422, "/v1/artifacts/{empty}", "x", &[]),
        operators("GET /v1/artifacts/{sha256}")
            .takes(200, "/v1/artifacts/{kept}")
            .refuses(404, "/v1/artifacts/{empty}", &[])
            .refuses(400, "/v1/artifacts/E3B0", &["sha256"]),
        operators("HEAD /v1/artifacts/{sha256}")
            .takes(200, "/v1/artifacts/{kept}")
            .refuses(404, "/v1/artifacts/{empty}", &[])
            .refuses(400, "/v1/artifacts/x", &["sha256"]),
        operators("GET /v1/attempts/{id}")
            .takes(200, "/v1/attempts/{attempt}")
            .takes(200, "/v1/attempts/foreign-1")
            .refuses(404, "/v1/attempts/attempt-0", &[])
            .refuses(400, "/v1/attempts/%ff", &["attempt_id"])
            .refuses(400, "/v1/attempts/%00", &["attempt_id"]),
        operators("GET /v1/events")
            .takes(200, "/v1/events")
            .takes(200, "/v1/events?after=1&limit=1000")
            .refuses(400, "/v1/events?limit=0", &["limit"])
            .refuses(400, "/v1/events?limit=1001", &["limit"]),
        operators("GET /v1/events/recent")
            .takes(200, "/v1/events/recent")
            .takes(200, "/v1/events/recent?limit=1")
            .refuses(400, "/v1/events/recent?limit=0", &["limit"])
            .refuses(400, "/v1/events/recent?limit=1001", &["limit"]),
        operators("GET /v1/events/export")
            .takes(200, "/v1/events/export")
            .takes(200, "/v1/events/export?after=2"),
        operators("GET /v1/events/stream")
            .takes(200, "/v1/events/stream")
            .takes(200, "/v1/events/stream?after=2"),
        operators("GET /v1/events/checkpoint").takes(200, "/v1/events/checkpoint"),
        operators("GET /v1/events/checkpoint/key").takes(200, "/v1/events/checkpoint/key"),
        operators("GET /v1/graph/summary").takes(200, "/v1/graph/summary"),
        operators("GET /metrics").takes(200, "/metrics"),
    ]
}

const STARTED: &str = r#"{"target":"radix","bundle_id":"b","events":[{"event_id":"e-1","event_type":"attempt.started",
    "timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{"attempt_id":"{attempt}","status":"running"}}]}"#;

const BAD_EVENTS: &str = r#"{"target":"radix","bundle_id":"b","events":[
    {"event_id":"e-1","event_type":"","timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{}},
    {"event_id":"e-2","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{}}]}"#;
