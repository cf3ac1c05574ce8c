//! The summary, and what is not there.

use crate::support::{Answer, Api, OPERATOR};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_summary_counts_what_there_is_and_tells_what_happened_last() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let shown: Value = api.get("/v1/graph/summary").await.ok();
    assert_eq!(shown["nodes_by_type"], json!({"Target": 1, "Task": 1, "Attempt": 1}));
    assert_eq!(shown["node_types"], shown["nodes_by_type"]);
    assert_eq!(shown["edge_types"], shown["edges_by_type"]);
    assert_eq!(shown["total_nodes"], 3);
    assert_eq!(shown["total_edges"], shown["edges_by_type"]["DEPENDS_ON"]);
    let head = api.ledger.read(|graph| graph.head());
    assert_eq!((&shown["position"], &shown["head"]), (&json!(head.position), &json!(head.hash)));
    let newest = &shown["recent_events"][0];
    assert_eq!(newest["event_type"], "attempt.created");
    assert_eq!(newest["attempt_id"], json!(id));
    assert_eq!(newest["target"], "radix");
    for name in ["event_id", "timestamp", "actor_id"] {
        assert!(newest[name].is_string(), "{name}");
    }
    let oldest = shown["recent_events"].as_array().unwrap().last().unwrap();
    assert_eq!(oldest["event_type"], "log.created");
}

#[tokio::test]
async fn only_the_newest_twenty_events_are_told() {
    let api = Api::start().await;
    let note =
        |n: usize| crate::wire::event(&format!("e{n}"), "note.taken", "2026-01-24T10:00:05Z", json!({}));
    let events: Vec<Value> = (0..30).map(note).collect();
    api.post_bundle(crate::wire::bundle(&events).to_string()).await.ok::<Value>();
    let summary = api.client(OPERATOR).asking().summary().await.unwrap();
    assert_eq!(summary.recent_events.len(), 20);
    assert_eq!(summary.recent_events[0].event_id, "e29");
}

#[tokio::test]
async fn the_digest_of_now_is_that_of_the_log_s_replay() {
    let api = Api::start().await;
    api.open_attempt().await;
    let now: Value = api.get("/v1/graph/digest").await.ok();
    let (head, digest) = api.ledger.read(|graph| (graph.head(), graph.digest()));
    assert_eq!(now["digest"], json!(digest));
    assert_eq!((&now["position"], &now["head"]), (&json!(head.position), &json!(head.hash)));
    assert_eq!(api.get(&format!("/v1/graph/digest?at={}", head.position)).await.ok::<Value>(), now);
    let before: Value = api.get("/v1/graph/digest?at=1").await.ok();
    assert_eq!(before["position"], 1);
    assert_ne!(before["digest"], now["digest"]);
    let empty: Value = api.get("/v1/graph/digest?at=0").await.ok();
    assert_eq!(empty["digest"], json!(leviathan_core::graph::Graph::new().digest()));
    api.get("/v1/graph/digest?at=999").await.problem(404);
    assert_eq!(api.get("/v1/graph/digest?at=now").await.problem(400).errors[0].path, "at");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let api = Api::start().await;
    for path in ["/", "/v1", "/v1/topology", "/v1/artifacts/", "/healthz/"] {
        assert!(api.get(path).await.problem(404).detail.contains(path), "{path}");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_told_with_those_that_it_takes() {
    let api = Api::start().await;
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (method, path, takes) in [
        (Method::POST, "/healthz".to_owned(), "GET,HEAD"),
        (Method::GET, "/v1/events/ingest".to_owned(), "POST"),
        (Method::DELETE, "/v1/graph/summary".to_owned(), "GET,HEAD"),
        (Method::PUT, "/v1/attempts/a".to_owned(), "GET,HEAD"),
        (Method::DELETE, format!("/v1/artifacts/{digest}"), "GET,HEAD,PUT"),
    ] {
        let answer = Answer::of(api.request(method, &path).bearer_auth(OPERATOR)).await;
        answer.problem(405);
        let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), takes, "{path}");
    }
}
