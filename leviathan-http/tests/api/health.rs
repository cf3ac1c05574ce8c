//! Health and readiness.

use crate::support::{Answer, Api};
use crate::wire::started;
use leviathan_core::store::StoreErrorKind;
use reqwest::Method;
use serde_json::{Value, json};

async fn ask(api: &Api, path: &str) -> Answer {
    Answer::of(api.request(Method::GET, path)).await
}

#[tokio::test]
async fn a_process_that_lives_says_so_to_anybody() {
    let api = Api::start().await;
    assert_eq!(ask(&api, "/healthz").await.ok::<Value>(), json!({"status": "ok"}));
    api.client("any").healthy().await.unwrap();
}

#[tokio::test]
async fn it_is_ready_when_the_store_answers_and_the_graph_is_at_its_head() {
    let api = Api::start().await;
    assert_eq!(ask(&api, "/readyz").await.ok::<Value>(), json!({"status": "ok", "position": 1}));
}

#[tokio::test]
async fn it_is_not_ready_while_the_store_fails_but_lives() {
    let api = Api::start().await;
    api.store.fail(StoreErrorKind::Unavailable);
    let answer = ask(&api, "/readyz").await;
    assert!(answer.problem(503).detail.contains("the test broke the store"));
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(ask(&api, "/healthz").await.status, 200);
}

#[tokio::test]
async fn it_is_not_ready_once_the_ledger_has_stopped() {
    let api = Api::start().await;
    api.store.fail(StoreErrorKind::Corrupt);
    assert_eq!(api.post_bundle(started("attempt-1").to_string()).await.status, 503);
    assert!(ask(&api, "/readyz").await.problem(503).detail.contains("the ledger has stopped"));
}
