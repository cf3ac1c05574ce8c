//! Pages of the log, its newest events, and its export.

use crate::support::{Answer, Api};
use crate::wire::facts;
use bytes::Bytes;
use leviathan_core::log::{Head, verify_lines};
use reqwest::Method;
use serde_json::{Value, json};
use std::convert::Infallible;

/// An API whose log has these facts behind its first event.
async fn api_with(facts_told: u64) -> Api {
    let api = Api::start().await;
    api.tell(facts(0..facts_told, 1)).await;
    api
}

fn ids(events: &Value) -> Vec<&str> {
    events.as_array().unwrap().iter().map(|event| event["event_id"].as_str().unwrap()).collect()
}

fn verified(export: Bytes, head: Head) -> bool {
    let lines =
        export.split_inclusive(|byte| *byte == b'\n').map(|line| Ok::<_, Infallible>(export.slice_ref(line)));
    verify_lines(lines, Some(head)).unwrap() == Ok(head)
}

#[tokio::test]
async fn pages_lead_through_the_whole_log_in_order() {
    let api = api_with(7).await;
    let (mut after, mut seen) = (json!(0), Vec::new());
    loop {
        let page: Value = api.get(&format!("/v1/events?limit=3&after={after}")).await.ok();
        let events = page["events"].as_array().unwrap();
        assert_eq!(page["count"], json!(events.len()));
        if events.is_empty() {
            assert_eq!(page["next_after"], after);
            break;
        }
        seen.extend(events.iter().map(|event| event["position"].as_u64().unwrap()));
        after = page["next_after"].clone();
    }
    assert_eq!(seen, (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_event_is_shown_with_all_that_is_known_of_it_and_its_payload_verbatim() {
    let api = Api::start().await;
    let payload = r#"{"b":1e-7,"a":-0.0,"t":"gr\u00fc\/n"}"#;
    let event = format!(
        r#"{{"event_id":"e","event_type":"fact.told","timestamp":"2026-01-24T11:00:05+01:00","actor_id":"a","payload":{payload}}}"#
    );
    assert_eq!(api.post_bundle(format!(r#"{{"target":"radix","events":[{event}]}}"#)).await.status, 200);
    let answer = api.get("/v1/events?after=1").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains(payload), "{text}");
    let shown = &answer.ok::<Value>()["events"][0];
    let head = api.ledger.read(|graph| graph.head());
    let mut known = shown.clone();
    known.as_object_mut().unwrap().remove("payload");
    let expected = json!({
        "position": 2, "event_id": "e", "event_type": "fact.told", "timestamp": "2026-01-24T10:00:05Z",
        "actor_id": "a", "origin": "claimed", "hash": head.hash,
    });
    assert_eq!(known, expected);
}

#[tokio::test]
async fn the_newest_events_come_first_and_as_many_as_are_asked_for() {
    let api = api_with(3).await;
    let all: Value = api.get("/v1/events/recent").await.ok();
    assert_eq!(ids(&all)[..3], ["fact-2", "fact-1", "fact-0"]);
    assert_eq!(all.as_array().unwrap().len(), 4);
    let two: Value = api.get("/v1/events/recent?limit=2").await.ok();
    assert_eq!(ids(&two), ["fact-2", "fact-1"]);
}

#[tokio::test]
async fn a_limit_or_position_that_is_none_is_refused_by_its_name() {
    let api = api_with(1).await;
    for query in ["limit=0", "limit=-1", "limit=1001", "limit=many", "limit=99999999999999999999", "limit="] {
        for path in ["/v1/events", "/v1/events/recent"] {
            let problem = api.get(&format!("{path}?{query}")).await.problem(400);
            assert_eq!(problem.errors[0].path, "limit", "{problem}");
        }
    }
    for path in ["/v1/events", "/v1/events/export", "/v1/events/stream"] {
        let problem = api.get(&format!("{path}?after=-1")).await.problem(400);
        assert_eq!(problem.errors[0].path, "after", "{problem}");
    }
}

#[tokio::test]
async fn behind_the_end_of_the_log_there_is_nothing() {
    let api = api_with(1).await;
    for after in ["2", "99", "9223372036854775807"] {
        let page: Value = api.get(&format!("/v1/events?after={after}")).await.ok();
        assert_eq!((&page["events"], &page["count"]), (&json!([]), &json!(0)));
        let export = api.get(&format!("/v1/events/export?after={after}")).await;
        assert_eq!((export.status, export.body.len()), (200, 0));
    }
    // No log is as long as what the description calls a number.
    assert_eq!(api.get("/v1/events?after=9223372036854775808").await.problem(400).errors[0].path, "after");
}

#[tokio::test]
async fn a_page_of_large_events_is_shorter_and_the_next_one_goes_on() {
    let api = Api::start().await;
    for n in 0..3 {
        api.tell(facts(n * 50..(n + 1) * 50, 250 * 1024)).await;
    }
    let first = api.get("/v1/events?after=1&limit=150").await;
    assert!(first.body.len() < 16 * 1024 * 1024, "{}", first.body.len());
    let first: Value = first.ok();
    let count = first["count"].as_u64().unwrap();
    assert!(0 < count && count < 150, "{count}");
    assert_eq!(first["next_after"], json!(1 + count));
    let recent: Value = api.get("/v1/events/recent?limit=150").await.ok();
    assert_eq!(ids(&recent)[0], "fact-149");
    assert!(recent.as_array().unwrap().len() < 150);
}

#[tokio::test]
async fn the_export_verifies_to_the_head_that_it_names() {
    let api = api_with(600).await;
    let export = api.get("/v1/events/export").await;
    assert_eq!((export.status, export.header("content-type")), (200, "application/x-ndjson"));
    let head = api.ledger.read(|graph| graph.head());
    assert_eq!(export.header("leviathan-log-head"), head.to_string());
    let rest = api.get("/v1/events/export?after=599").await;
    assert!(
        export.body.ends_with(&rest.body) && rest.body.iter().filter(|byte| **byte == b'\n').count() == 2
    );
    assert!(verified(export.body, head));
}

#[tokio::test]
async fn as_many_exports_as_there_is_room_for_are_begun_and_no_more() {
    let api = Api::start().await;
    for n in 0..8 {
        api.tell(facts(n * 50..(n + 1) * 50, 250 * 1024)).await;
    }
    let export = || api.request(Method::GET, "/v1/events/export").bearer_auth(crate::support::OPERATOR);
    let mut under_way = Vec::new();
    for _ in 0..8 {
        under_way.push(export().send().await.unwrap());
    }
    let refused = Answer::of(export()).await;
    assert!(refused.problem(429).detail.contains("exports"));
    assert_eq!(refused.header("retry-after"), "1");
    drop(under_way);
    crate::support::until(|| async { export().send().await.unwrap().status() == 200 }).await;
}

#[tokio::test]
async fn an_export_reads_on_only_as_its_client_does() {
    let api = Api::start().await;
    for n in 0..100 {
        api.tell(facts(n * 60..(n + 1) * 60, 32 * 1024)).await;
    }
    let whole = 100 * 60 * 32 * 1024;
    let before = api.store.given();
    let request = api.request(Method::GET, "/v1/events/export").bearer_auth(crate::support::OPERATOR);
    let mut response = request.send().await.unwrap();
    let mut taken = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        taken += chunk.len() as u64;
        // A page, and what sockets and the client hold.
        let ahead = (api.store.given() - before).saturating_sub(taken);
        assert!(ahead < whole / 4, "{ahead} bytes ahead of the client at {taken} of {whole}");
    }
    assert!(taken > whole);
}
