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
        // With a signature, see webhooks.rs: here nobody has the secret.
        anybody("POST /v1/webhooks/github").refuses_body(
            400,
            "/v1/webhooks/github",
            "{}",
            &["X-GitHub-Event"],
        ),
        workers("POST /v1/events/ingest")
            .takes_body(200, "/v1/events/ingest", STARTED)
            .refuses_body(400, "/v1/events/ingest", "[]", &["bundle"])
            .refuses_body(400, "/v1/events/ingest", r#"{"events":[]}"#, &["target"])
            .refuses_body(400, "/v1/events/ingest", r#"{"target":"radix"}"#, &["events"])
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
            .refuses(400, "/v1/artifacts/x", &[]),
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
            .refuses(400, "/v1/events?limit=1001&after=-1", &["after", "limit"]),
        operators("GET /v1/events/recent")
            .takes(200, "/v1/events/recent")
            .takes(200, "/v1/events/recent?limit=1")
            .refuses(400, "/v1/events/recent?limit=0", &["limit"])
            .refuses(400, "/v1/events/recent?limit=1001", &["limit"]),
        operators("GET /v1/events/export")
            .takes(200, "/v1/events/export")
            .takes(200, "/v1/events/export?after=2")
            .refuses(400, "/v1/events/export?after=x", &["after"]),
        operators("GET /v1/events/stream")
            .takes(200, "/v1/events/stream")
            .takes(200, "/v1/events/stream?after=2")
            .refuses(400, "/v1/events/stream?after=1.5", &["after"]),
        operators("GET /v1/events/checkpoint").takes(200, "/v1/events/checkpoint"),
        operators("GET /v1/events/checkpoint/key").takes(200, "/v1/events/checkpoint/key"),
        operators("GET /v1/attempts")
            .takes(200, "/v1/attempts")
            .takes(200, "/v1/attempts?target=radix&task=docs&status=failed&limit=500")
            .refuses(400, "/v1/attempts?limit=0", &["limit"])
            .refuses(400, "/v1/attempts?target=%00&task=a%00b", &["target", "task"])
            .refuses(400, "/v1/attempts?status=done&limit=501&cursor=x", &["status", "limit", "cursor"]),
        operators("POST /v1/attempts/{id}/cancel")
            .takes_body(202, "/v1/attempts/{attempt}/cancel", BECAUSE)
            .refuses_body(404, "/v1/attempts/attempt-0/cancel", BECAUSE, &[])
            .refuses_body(409, "/v1/attempts/foreign-1/cancel", BECAUSE, &[])
            .refuses_body(400, "/v1/attempts/%ff/cancel", BECAUSE, &["attempt_id"])
            .refuses_body(400, "/v1/attempts/{attempt}/cancel", r#"{"reason":""}"#, &["reason"])
            .refuses(400, "/v1/attempts/{attempt}/cancel", &["body"]),
        operators("POST /v1/attempts/{id}/invalidate")
            .takes_body(200, "/v1/attempts/{attempt}/invalidate", BECAUSE)
            .takes_body(200, "/v1/attempts/foreign-1/invalidate", BECAUSE)
            .refuses_body(404, "/v1/attempts/attempt-0/invalidate", BECAUSE, &[])
            .refuses_body(400, "/v1/attempts/{attempt}/invalidate", r#"{"reason":1}"#, &["reason"]),
        operators("GET /v1/failures")
            .takes(200, "/v1/failures")
            .takes(200, "/v1/failures?target=radix&limit=1")
            .refuses(400, "/v1/failures?limit=-1&cursor=x", &["limit", "cursor"])
            .refuses(400, "/v1/failures?target=%00", &["target"]),
        operators("GET /v1/tasks")
            .takes(200, "/v1/tasks")
            .takes(200, "/v1/tasks?target=radix&status=in_progress")
            .refuses(400, "/v1/tasks?status=done&limit=0&cursor=x", &["status", "limit", "cursor"])
            .refuses(400, "/v1/tasks?target=%00&cursor=1-%00/a", &["target", "cursor"]),
        operators("GET /v1/tasks/{target}/{id}")
            .takes(200, "/v1/tasks/radix/docs")
            .refuses(404, "/v1/tasks/radix/none", &[])
            .refuses(404, "/v1/tasks/none/docs", &[])
            .refuses(400, "/v1/tasks/%ff/docs", &["target_id and task_id"])
            .refuses(400, "/v1/tasks/%00/a%00", &["target_id", "task_id"]),
        operators("POST /v1/tasks/{target}/{id}/retry")
            .after("/v1/attempts/{attempt}/invalidate", BECAUSE)
            .takes_body(200, "/v1/tasks/radix/docs/retry", BECAUSE)
            .refuses_body(404, "/v1/tasks/radix/none/retry", BECAUSE, &[])
            .refuses_body(400, "/v1/tasks/radix/docs/retry", "{}", &["reason"]),
        operators("POST /v1/targets/{id}/pause")
            .takes_body(200, "/v1/targets/radix/pause", BECAUSE)
            .refuses_body(404, "/v1/targets/none/pause", BECAUSE, &[])
            .refuses_body(400, "/v1/targets/%00/pause", BECAUSE, &["target_id"])
            .refuses_body(400, "/v1/targets/radix/pause", r#"{"reason":"x","until":1}"#, &["until"]),
        operators("POST /v1/targets/{id}/resume")
            .takes_body(200, "/v1/targets/radix/resume", BECAUSE)
            .refuses_body(404, "/v1/targets/none/resume", BECAUSE, &[])
            .refuses_body(400, "/v1/targets/radix/resume", "reason", &["body"]),
        operators("GET /v1/limits").takes(200, "/v1/limits"),
        operators("PUT /v1/limits")
            .takes_body(200, "/v1/limits", r#"{"limits":{"max_running":5},"reason":"more machines"}"#)
            .refuses_body(
                400,
                "/v1/limits",
                r#"{"limits":{"max_running":0},"reason":"x"}"#,
                &["limits.max_running"],
            )
            .refuses_body(400, "/v1/limits", r#"{"limits":{},"reason":" "}"#, &["reason"]),
        operators("GET /v1/graph/digest")
            .takes(200, "/v1/graph/digest")
            .takes(200, "/v1/graph/digest?at=1")
            .refuses(404, "/v1/graph/digest?at=999", &[])
            .refuses(400, "/v1/graph/digest?at=-1", &["at"]),
        operators("GET /v1/graph/summary").takes(200, "/v1/graph/summary"),
        operators("GET /metrics").takes(200, "/metrics"),
    ]
}

const BECAUSE: &str = r#"{"reason":"the machine was out of disk"}"#;

const STARTED: &str = r#"{"target":"radix","bundle_id":"b","events":[{"event_id":"e-1","event_type":"attempt.started",
    "timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{"attempt_id":"{attempt}","status":"running"}}]}"#;

const BAD_EVENTS: &str = r#"{"target":"radix","bundle_id":"b","events":[
    {"event_id":"e-1","event_type":"","timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{}},
    {"event_id":"e-2","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05Z","actor_id":"worker","payload":{}}]}"#;
