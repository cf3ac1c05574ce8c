//! One attempt.

use crate::support::{Api, OPERATOR};
use crate::wire::{bundle, event};
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::decide::Command;
use leviathan_core::executor::{End, Phase, Sighting};
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Hash;
use serde_json::{Value, json};

const AT: &str = "2026-01-24T10:00:05Z";

async fn observe(api: &Api, id: &AttemptId, phase: Phase) {
    let sighting = Sighting { attempt_id: id.clone(), phase, job_name: None };
    let executor = ExecutorName::new("test").unwrap();
    api.ledger.submit(Command::Observe { executor, sighting, leadership: None }).await.unwrap();
}

#[tokio::test]
async fn an_attempt_is_shown_with_its_state_its_events_and_its_artifacts() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let end = json!({"attempt_id": id, "completed_at": "2026-01-24T10:05:00", "branch_name": "agent/docs",
        "commit_sha": "c1", "pr_url": "https://forge/7", "pr_number": 7, "exact": 1.50});
    let sent = bundle(&[
        event("e1", "attempt.started", AT, json!({"attempt_id": id, "started_at": AT})),
        event("e2", "attempt.succeeded", AT, end),
    ]);
    api.post_bundle(sent.to_string()).await.ok::<Value>();
    let left = ArtifactRef {
        sha256: Hash::of(b"log"),
        kind: "log".into(),
        size_bytes: 3,
        media_type: "text/plain".into(),
        name: "worker.log".into(),
    };
    let finished = End { exit_code: Some(0), artifacts: vec![left], ..End::default() };
    observe(&api, &id, Phase::Finished(Box::new(finished))).await;

    let shown: Value = api.get(&format!("/v1/attempts/{id}")).await.ok();
    let node = &shown["attempt_node"];
    assert_eq!((&node["node_id"], &node["node_type"]), (&json!(id), &json!("Attempt")));
    assert!(node["created_at"].is_string() && node["updated_at"].is_string());
    let properties = &node["properties"];
    for (name, value) in [
        ("attempt_id", json!(id)),
        ("task_id", json!("docs")),
        ("target", json!("radix")),
        ("status", json!("succeeded")),
        ("confirmed", json!(true)),
        ("attempt_number", json!(1)),
        ("failure_type", Value::Null),
        ("error_summary", Value::Null),
        ("started_at", json!(AT)),
        ("branch_name", json!("agent/docs")),
        ("commit_sha", json!("c1")),
        ("pr_url", json!("https://forge/7")),
        ("pr_number", json!(7)),
        ("anomalies", json!(0)),
    ] {
        assert_eq!(properties[name], value, "{name}");
    }
    assert!(properties["timestamp"].is_string() && properties["completed_at"].is_string());

    let events = shown["events"].as_array().unwrap();
    assert_eq!(shown["events_total"], events.len());
    let types: Vec<&str> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types[..3], ["attempt.created", "attempt.started", "attempt.succeeded"]);
    let positions: Vec<u64> = events.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert!(positions.is_sorted());
    assert_eq!((&events[0]["origin"], &events[1]["origin"]), (&json!("observed"), &json!("claimed")));
    assert_eq!(events[2]["payload"]["exact"], 1.50);
    assert_eq!(events[2]["hash"].as_str().unwrap().len(), 64);

    assert_eq!(shown["artifacts"][0]["name"], "worker.log");
    assert_eq!(shown["artifacts_total"], 1);
}

#[tokio::test]
async fn a_failed_attempt_says_why() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let end = json!({"attempt_id": id, "failure_type": "checks_failed", "error_summary": "3 tests failed"});
    api.post_bundle(bundle(&[event("e1", "attempt.failed", AT, end)]).to_string()).await.ok::<Value>();
    let shown = api.client(OPERATOR).asking().attempt(&id).await.unwrap().attempt_node.properties;
    assert_eq!(
        (shown.status, shown.failure_type),
        (AttemptStatus::Created, None),
        "its worker does not end it"
    );

    observe(&api, &id, Phase::Finished(Box::new(End { exit_code: Some(1), ..End::default() }))).await;
    let shown = api.client(OPERATOR).asking().attempt(&id).await.unwrap().attempt_node.properties;
    assert_eq!(shown.status, AttemptStatus::Failed);
    assert_eq!(shown.failure_type.unwrap().to_string(), "checks_failed");
    assert_eq!(shown.error_summary.unwrap(), "3 tests failed");
}

#[tokio::test]
async fn what_only_a_worker_vouches_for_is_not_confirmed() {
    let api = Api::start().await;
    let sent = bundle(&[event("e1", "attempt.succeeded", AT, json!({"attempt_id": "foreign-1"}))]);
    api.post_bundle(sent.to_string()).await.ok::<Value>();
    let shown: Value = api.get("/v1/attempts/foreign-1").await.ok();
    let properties = &shown["attempt_node"]["properties"];
    assert_eq!((&properties["status"], &properties["confirmed"]), (&json!("succeeded"), &json!(false)));
}

#[tokio::test]
async fn of_very_many_events_the_newest_are_shown_and_all_are_counted() {
    let api = Api::start().await;
    let note = |n: usize| {
        event(&format!("e{n}"), "tests.started", AT, json!({"attempt_id": "a", "command": n.to_string()}))
    };
    let events: Vec<Value> = (0..1500).map(note).collect();
    api.post_bundle(bundle(&events).to_string()).await.ok::<Value>();
    let shown: Value = api.get("/v1/attempts/a").await.ok();
    assert_eq!(shown["events_total"], 1500);
    let events = shown["events"].as_array().unwrap();
    assert_eq!(events.len(), 1000);
    assert_eq!((&events[0]["event_id"], &events[999]["event_id"]), (&json!("e500"), &json!("e1499")));
}

#[tokio::test]
async fn of_very_large_events_no_more_are_shown_than_fit() {
    let api = Api::start().await;
    let note = |n: usize| {
        let payload = json!({"attempt_id": "a", "command": "x".repeat(180 * 1024)});
        event(&format!("e{n}"), "tests.started", AT, payload)
    };
    let events: Vec<Value> = (0..55).map(note).collect();
    api.post_bundle(bundle(&events).to_string()).await.ok::<Value>();
    let shown: Value = api.get("/v1/attempts/a").await.ok();
    assert_eq!(shown["events_total"], 55);
    let events = shown["events"].as_array().unwrap();
    assert!((1..55).contains(&events.len()), "{}", events.len());
    assert_eq!(events.last().unwrap()["event_id"], "e54");
}

#[tokio::test]
async fn an_attempt_that_nobody_ever_named_is_not_found() {
    let api = Api::start().await;
    assert!(api.get("/v1/attempts/attempt-0").await.problem(404).detail.contains("attempt-0"));
    api.get("/v1/attempts/").await.problem(404);
    assert_eq!(api.get("/v1/attempts/%ff").await.problem(400).errors[0].path, "attempt_id");
}

#[tokio::test]
async fn a_store_that_fails_is_told() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    api.store.fail(leviathan_core::store::StoreErrorKind::Unavailable);
    api.get(&format!("/v1/attempts/{id}")).await.problem(503);
}
