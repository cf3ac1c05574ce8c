//! Readiness while the database that keeps the log is away, and after.

use crate::support::{Answer, Api, until};
use crate::wire::started;
use leviathan_pg::PgEventStore;
use leviathan_test_postgres::{Server, Stop};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

async fn ask(api: &Api, path: &str) -> Answer {
    Answer::of(api.request(Method::GET, path)).await
}

#[tokio::test]
async fn it_is_not_ready_while_postgres_is_away_and_is_by_itself_once_that_is_back() {
    let server = Server::start().unwrap();
    let url = server.new_database().unwrap();
    let store = PgEventStore::connect(&url, "demo").await.unwrap();
    let api = Api::start_over_log(Arc::new(store)).await;
    api.post_bundle(started("attempt-1").to_string()).await.ok::<Value>();
    assert_eq!(ask(&api, "/readyz").await.ok::<Value>(), json!({"status": "ok", "position": 2}));

    for stop in [Stop::Fast, Stop::Immediate] {
        server.stop(stop).unwrap();
        let answer = ask(&api, "/readyz").await;
        let problem = answer.problem(503);
        assert!(problem.detail.contains("store"), "{problem}");
        assert!(!problem.detail.contains(&url), "{problem}");
        assert_eq!(answer.header("retry-after"), "5");
        assert_eq!(ask(&api, "/healthz").await.status, 200);
        assert_eq!(api.get("/v1/attempts/attempt-1").await.status, 503);
        // The graph is in memory.
        assert_eq!(api.get("/v1/attempts").await.ok::<Value>()["count"], 1);

        server.start_again().unwrap();
        until(|| async { ask(&api, "/readyz").await.status == 200 }).await;
        assert_eq!(api.get("/v1/attempts/attempt-1").await.status, 200);
    }
    api.post_bundle(started("attempt-2").to_string()).await.ok::<Value>();
    assert_eq!(ask(&api, "/readyz").await.ok::<Value>(), json!({"status": "ok", "position": 3}));
}
