//! What operators order.

use crate::support::{Answer, Api, OPERATOR};
use crate::wire::{bundle, event};
use leviathan_core::decide::Command;
use leviathan_core::executor::{End, Phase, Sighting};
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::ExecutorName;
use reqwest::Method;
use serde_json::{Value, json};

async fn order(api: &Api, method: Method, path: &str, body: &Value) -> Answer {
    Answer::of(api.request(method, path).bearer_auth(OPERATOR).json(body)).await
}

async fn post(api: &Api, path: &str) -> Answer {
    order(api, Method::POST, path, &json!({"reason": "a good one"})).await
}

/// The newest event's type and payload.
async fn newest(api: &Api) -> (String, Value) {
    let recent: Value = api.get("/v1/events/recent?limit=1").await.ok();
    assert_eq!(recent[0]["origin"], "observed");
    assert_eq!(recent[0]["actor_id"], "operator");
    (recent[0]["event_type"].as_str().unwrap().to_owned(), recent[0]["payload"].clone())
}

#[tokio::test]
async fn cancelling_is_recorded_once_and_not_for_what_has_ended() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let path = format!("/v1/attempts/{id}/cancel");
    let answer = post(&api, &path).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        serde_json::from_slice::<Value>(&answer.body).unwrap(),
        json!({"status": "cancel_requested", "attempt_id": id})
    );
    let (kind, payload) = newest(&api).await;
    assert_eq!((kind.as_str(), &payload["reason"]), ("attempt.cancel_requested", &json!("a good one")));
    let before = api.store.events().await.len();
    assert_eq!(post(&api, &path).await.status, 202);
    assert_eq!(api.store.events().await.len(), before, "it is recorded once");

    let end = End { exit_code: Some(0), ..End::default() };
    let sighting = Sighting { attempt_id: id, phase: Phase::Finished(Box::new(end)), job_name: None };
    let executor = ExecutorName::new("test").unwrap();
    api.ledger.submit(Command::Observe { executor, sighting, leadership: None }).await.unwrap();
    assert!(post(&api, &path).await.problem(409).detail.contains("ended"));
}

#[tokio::test]
async fn invalidating_takes_back_what_an_attempt_came_to() {
    let api = Api::start().await;
    let end = event("e1", "attempt.succeeded", "2026-01-24T10:00:05Z", json!({"attempt_id": "foreign-1"}));
    api.tell(bundle(&[end])).await;
    for _ in 0..2 {
        let answer = post(&api, "/v1/attempts/foreign-1/invalidate").await;
        assert_eq!(answer.ok::<Value>(), json!({"status": "invalidated", "attempt_id": "foreign-1"}));
    }
    let status = |graph: &leviathan_core::graph::Graph| {
        graph.attempt(&"foreign-1".parse().unwrap()).unwrap().state.status()
    };
    assert_eq!(api.ledger.read(status), AttemptStatus::Invalidated);
    assert_eq!(newest(&api).await.0, "attempt.invalidated");
}

#[tokio::test]
async fn a_target_is_paused_and_resumed() {
    let api = Api::start().await;
    api.add_task().await;
    let paused = post(&api, "/v1/targets/radix/pause").await.ok::<Value>();
    assert_eq!(paused, json!({"status": "paused", "target": "radix"}));
    let task: Value = api.get("/v1/tasks/radix/docs").await.ok();
    assert!(task["blocked"].as_str().unwrap().contains("a good one"), "{task}");
    let resumed = post(&api, "/v1/targets/radix/resume").await.ok::<Value>();
    assert_eq!(resumed, json!({"status": "resumed", "target": "radix"}));
    assert_eq!(api.get("/v1/tasks/radix/docs").await.ok::<Value>()["blocked"], Value::Null);
}

#[tokio::test]
async fn a_task_that_is_blocked_is_retried_and_no_other() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let path = "/v1/tasks/radix/docs/retry";
    assert!(post(&api, path).await.problem(409).detail.contains("nothing to retry"));
    post(&api, &format!("/v1/attempts/{id}/invalidate")).await.ok::<Value>();
    let task: Value = api.get("/v1/tasks/radix/docs").await.ok();
    assert_eq!(task["status"], "blocked");
    assert!(task["reason"].as_str().unwrap().contains("a good one"), "{task}");
    let retried = post(&api, path).await.ok::<Value>();
    assert_eq!(retried, json!({"status": "retried", "target": "radix", "task_id": "docs"}));
    assert_eq!(api.get("/v1/tasks/radix/docs").await.ok::<Value>()["status"], "pending");
}

#[tokio::test]
async fn limits_are_asked_for_changed_and_sent_back() {
    let api = Api::start().await;
    let mut limits: Value = api.get("/v1/limits").await.ok();
    assert_eq!(limits["limits"]["max_running"], 2);
    limits["limits"]["max_running"] = json!(5);
    limits["limits"]["budget"] = json!({"tokens_per_day": 1000});
    limits["reason"] = json!("more machines");
    let changed = order(&api, Method::PUT, "/v1/limits", &limits).await.ok::<Value>();
    assert_eq!(changed, api.get("/v1/limits").await.ok::<Value>());
    assert_eq!(changed["limits"]["budget"]["tokens_per_day"], 1000);
    let (kind, payload) = newest(&api).await;
    assert_eq!((kind.as_str(), &payload["reason"]), ("limits.changed", &json!("more machines")));
}

#[tokio::test]
async fn an_order_that_is_not_wholly_understood_changes_nothing() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let before = api.store.events().await.len();
    let cancel = format!("/v1/attempts/{id}/cancel");
    let pause = "/v1/targets/radix/pause".to_owned();
    let long = "x".repeat(1025);
    for (path, body, fault) in [
        (&cancel, json!({}), "reason"),
        (&cancel, json!({"reason": 7}), "reason"),
        (&cancel, json!({"reason": " "}), "reason"),
        (&cancel, json!({"reason": "a\u{0}"}), "reason"),
        (&pause, json!({"reason": long}), "reason"),
        (&pause, json!({"reason": "x", "grace": 5}), "grace"),
        (&pause, json!([]), "body"),
    ] {
        let problem = order(&api, Method::POST, path, &body).await.problem(400);
        assert_eq!(problem.errors[0].path, fault, "{problem}");
    }
    for (limits, fault) in [
        (json!({"max_running": 0}), "limits.max_running"),
        (json!({"max_runing": 3}), "limits.max_runing"),
        (json!({"retry": {"max_attempts": "many"}}), "limits.retry.max_attempts"),
    ] {
        let body = json!({"limits": limits, "reason": "x"});
        let problem = order(&api, Method::PUT, "/v1/limits", &body).await.problem(400);
        assert_eq!(problem.errors[0].path, fault, "{problem}");
    }
    let body = json!({"limits": {}, "reason": "x".repeat(70_000)});
    order(&api, Method::PUT, "/v1/limits", &body).await.problem(413);
    for path in [
        "/v1/attempts/a/cancel",
        "/v1/attempts/a/invalidate",
        "/v1/targets/b/pause",
        "/v1/targets/b/resume",
        "/v1/tasks/radix/c/retry",
        "/v1/tasks/b/docs/retry",
    ] {
        post(&api, path).await.problem(404);
    }
    assert_eq!(api.store.events().await.len(), before);
}
