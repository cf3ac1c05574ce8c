//! What clients of the system before this one do, as they really do it.

use crate::support::{Answer, Api, OPERATOR};
use crate::wire::event;
use leviathan_http::view::IngestReceipt;
use reqwest::Method;
use serde_json::{Value, json};

/// Bundles as the old worker posts them: all under one name, with `null` for what it has not got, keys that nobody else
/// knows, and times with and without an offset.
fn posted(events: &[Value]) -> String {
    json!({"target": "radix", "bundle_id": "bundle-attempt-1a2b3c4d", "worker_version": "0.9", "events": events,
        "artifacts": null})
    .to_string()
}

/// The old worker posts with an operator's token, since it knows no other.
async fn post(api: &Api, events: &[Value]) -> IngestReceipt {
    let request = api.request(Method::POST, "/v1/events/ingest").bearer_auth(OPERATOR);
    Answer::of(request.header("content-type", "application/json").body(posted(events))).await.ok()
}

fn created(id: &str, at: &str) -> Value {
    let payload = json!({"attempt_id": id, "task_id": "docs", "target_id": "radix", "attempt_number": 1,
        "status": "created", "model": null});
    event("e-created", "attempt.created", at, payload)
}

fn started(id: &str, at: &str) -> Value {
    event(
        "e-started",
        "attempt.started",
        at,
        json!({"attempt_id": id, "status": "running", "started_at": at}),
    )
}

fn pull_request(id: &str, at: &str) -> Value {
    let payload =
        json!({"attempt_id": id, "pr_number": 7, "pr_url": "https://forge/7", "title": null, "state": null});
    event("e-pr", "pr.created", at, payload)
}

fn succeeded(id: &str, at: &str) -> Value {
    let payload = json!({"attempt_id": id, "status": "succeeded", "completed_at": at, "branch_name": "agent/docs",
        "commit_sha": "c1", "pr_url": "https://forge/7", "pr_number": 7, "failure_type": null, "error_summary": null});
    event("e-end", "attempt.succeeded", at, payload)
}

async fn properties(api: &Api, id: &str) -> Value {
    let mut shown: Value = api.get(&format!("/v1/attempts/{id}")).await.ok();
    shown["attempt_node"]["properties"].take()
}

#[tokio::test]
async fn a_run_of_the_old_worker_is_shown_whole_whichever_way_its_end_and_pull_request_come() {
    let (early, late) = ("2026-01-24T10:00:05", "2026-01-24T12:05:00.250+02:00");
    for end in [[pull_request, succeeded], [succeeded, pull_request]] {
        let api = Api::start().await;
        api.add_task().await;
        let id = "attempt-1a2b3c4d";
        assert_eq!(post(&api, &[created(id, early), started(id, early)]).await.ingested, 2);
        let last: Vec<Value> = end.iter().map(|make| make(id, late)).collect();
        assert_eq!(post(&api, &last).await.ingested, 2);
        // It does not know whether its last bundle arrived.
        let again = post(&api, &last).await;
        assert_eq!((again.ingested, again.duplicates), (0, 2));
        let shown = properties(&api, id).await;
        for (name, value) in [
            ("status", json!("succeeded")),
            ("confirmed", json!(false)),
            ("task_id", json!("docs")),
            ("attempt_number", json!(1)),
            ("started_at", json!("2026-01-24T10:00:05Z")),
            ("completed_at", json!("2026-01-24T10:05:00.250Z")),
            ("pr_number", json!(7)),
            ("pr_url", json!("https://forge/7")),
            ("branch_name", json!("agent/docs")),
            ("failure_type", Value::Null),
            ("anomalies", json!(0)),
        ] {
            assert_eq!(shown[name], value, "{name}");
        }
    }
}

#[tokio::test]
async fn a_repeated_id_with_other_content_is_a_fact_of_its_own() {
    let api = Api::start().await;
    let note = |text: &str| {
        event("e-note", "tests.started", "2026-01-24T10:00:05Z", json!({"attempt_id": "a", "command": text}))
    };
    assert_eq!(post(&api, &[note("one"), note("two"), note("one")]).await.ingested, 2);
    let shown: Value = api.get("/v1/attempts/a").await.ok();
    assert_eq!(shown["events_total"], 2);
}

#[tokio::test]
async fn unknown_keys_within_a_payload_are_kept_and_others_dropped() {
    let api = Api::start().await;
    let mut sent =
        event("e1", "attempt.started", "2026-01-24T10:00:05Z", json!({"attempt_id": "a", "host": "b7"}));
    sent["schema"] = json!(3);
    post(&api, &[sent]).await;
    let shown: Value = api.get("/v1/attempts/a").await.ok();
    let kept = &shown["events"][0];
    assert_eq!((&kept["payload"]["host"], kept.get("schema")), (&json!("b7"), None));
}

#[tokio::test]
async fn the_old_command_line_finds_the_fields_that_it_reads() {
    let api = Api::start().await;
    api.add_task().await;
    let at = "2026-01-24T10:00:05Z";
    let end = json!({"attempt_id": "a", "status": "failed", "failure_type": "checks_failed",
        "error_summary": "3 tests failed", "exit_code": 1});
    post(&api, &[created("a", at), event("e-end", "attempt.failed", at, end)]).await;

    let summary: Value = api.get("/v1/graph/summary").await.ok();
    assert_eq!(
        (&summary["node_types"]["Attempt"], &summary["edge_types"]["DEPENDS_ON"]),
        (&json!(1), &json!(2))
    );
    assert!(summary["total_nodes"].is_number() && summary["total_edges"].is_number());

    let list: Value = api.get("/v1/attempts?limit=20").await.ok();
    assert_eq!(list["count"], 1);
    let names =
        ["attempt_id", "task_id", "status", "attempt_number", "failure_type", "error_summary", "timestamp"];
    for name in names {
        assert!(!list["attempts"][0][name].is_null(), "{name}");
    }
    let failures: Value = api.get("/v1/failures?limit=10").await.ok();
    let failure = &failures["failures"][0];
    let read =
        ["attempt_id", "task_id", "target", "failure_type", "error"].map(|name| failure[name].as_str());
    assert_eq!(read, ["a", "docs", "radix", "checks_failed", "3 tests failed"].map(Some));
    assert!(failure["timestamp"].is_string());

    let reason = api.request(Method::POST, "/v1/attempts/a/invalidate").bearer_auth(OPERATOR);
    let answer: Value = Answer::of(reason.json(&json!({"reason": "wrong"}))).await.ok();
    assert_eq!(answer, json!({"status": "invalidated", "attempt_id": "a"}));
    assert_eq!(properties(&api, "a").await["status"], "invalidated");
}
