//! Figures, spans, and how many requests are answered at once.

use crate::support::{Answer, Api, OPERATOR, WORKER, soon, until};
use crate::wire::{bundle, event, started};
use leviathan_core::store::StoreErrorKind;
use reqwest::Method;
use serde_json::json;
use std::cell::RefCell;
use std::io::Write;

async fn figures(api: &Api) -> String {
    let answer = api.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// The value of a figure with these labels, as it is printed.
#[track_caller]
fn value(figures: &str, figure: &str) -> f64 {
    let found = figures.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {figure} in {figures}")).parse().unwrap()
}

#[tokio::test]
async fn ingest_is_counted_with_its_events_duplicates_and_batches() {
    let api = Api::start().await;
    api.post_bundle(started("attempt-1").to_string()).await;
    api.post_bundle(started("attempt-1").to_string()).await;
    let own = json!({"attempt_id": "foreign-1", "task_id": "docs", "attempt_number": 1});
    let end = json!({"attempt_id": "foreign-1", "status": "failed", "failure_type": "exit_code(77)"});
    let at = "2026-01-24T10:00:05Z";
    let both = bundle(&[event("e1", "attempt.created", at, own), event("e2", "attempt.failed", at, end)]);
    api.post_bundle(both.to_string()).await;
    api.post_bundle(bundle(&[event("e3", "of.mine", at, json!({}))]).to_string()).await;
    api.post_bundle("{").await;

    let figures = figures(&api).await;
    for (figure, expected) in [
        ("leviathan_ingest_events_total", 4.0),
        ("leviathan_ingest_duplicates_total", 1.0),
        ("leviathan_ingest_seconds_count", 4.0),
        (r#"leviathan_http_requests_total{method="POST",route="/v1/events/ingest",status="200"}"#, 4.0),
        (r#"leviathan_http_requests_total{method="POST",route="/v1/events/ingest",status="400"}"#, 1.0),
        (r#"leviathan_http_request_seconds_count{method="POST",route="/v1/events/ingest"}"#, 5.0),
        // The log's beginning, and three bundles that brought something.
        ("leviathan_append_events_count", 4.0),
        ("leviathan_append_seconds_count", 4.0),
        (r#"leviathan_events_appended_total{event_type="attempt.started"}"#, 1.0),
        (r#"leviathan_events_appended_total{event_type="custom"}"#, 1.0),
        (r#"leviathan_attempt_ends_total{outcome="failed",cause="exit_code",origin="claimed"}"#, 1.0),
        ("leviathan_ledger_up", 1.0),
        ("leviathan_ledger_waiting", 0.0),
        ("leviathan_log_position", 5.0),
    ] {
        assert_eq!(value(&figures, figure), expected, "{figure} in {figures}");
    }
}

#[tokio::test]
async fn open_attempts_and_what_holds_tasks_up_are_told() {
    let api = Api::start().await;
    api.open_attempt().await;
    let figures = figures(&api).await;
    assert_eq!(value(&figures, r#"leviathan_attempts_open{state="created"}"#), 1.0);
    assert_eq!(value(&figures, r#"leviathan_attempts_open{state="running"}"#), 0.0);
    assert_eq!(value(&figures, r#"leviathan_tasks_held_up{reason="nothing"}"#), 0.0);

    let waiting = Api::start().await;
    waiting.add_task().await;
    let figures = self::figures(&waiting).await;
    assert_eq!(value(&figures, r#"leviathan_tasks_held_up{reason="nothing"}"#), 1.0);
    assert_eq!(value(&figures, r#"leviathan_tasks_held_up{reason="budget"}"#), 0.0);
}

#[tokio::test]
async fn what_the_store_fails_to_do_is_counted_and_what_waits_for_it_is_told() {
    let api = Api::start().await;
    api.store.hold();
    let waiting = tokio::spawn({
        let ledger = api.ledger.clone();
        async move {
            let bundle = leviathan_core::Bundle::parse(started("attempt-1").to_string().as_bytes()).unwrap();
            ledger.submit(leviathan_core::decide::Command::Ingest(bundle)).await
        }
    });
    api.store.holds_one().await;
    assert_eq!(value(&figures(&api).await, "leviathan_ledger_waiting"), 1.0);
    api.store.release();
    soon(waiting).await.unwrap().unwrap();
    assert_eq!(value(&figures(&api).await, "leviathan_ledger_waiting"), 0.0);

    api.store.fail(StoreErrorKind::Unavailable);
    api.post_bundle(started("attempt-2").to_string()).await.problem(503);
    let failed = r#"leviathan_store_errors_total{operation="append",kind="unavailable"}"#;
    assert_eq!(value(&figures(&api).await, failed), 1.0);
}

#[tokio::test]
async fn no_label_is_of_a_clients_choosing() {
    let api = Api::start().await;
    for path in ["/hunter2", "/v1/attempts/hunter2", "/v1/artifacts/hunter2"] {
        Answer::of(api.request(Method::GET, path).bearer_auth(OPERATOR)).await;
    }
    Answer::of(api.request(Method::from_bytes(b"HUNTER2").unwrap(), "/healthz")).await;
    let payload = json!({"attempt_id": "a", "task_id": "t", "attempt_number": 1});
    let failed = json!({"attempt_id": "a", "failure_type": "hunter2"});
    let at = "2026-01-24T10:00:05Z";
    let own = [event("e1", "attempt.created", at, payload), event("e2", "attempt.failed", at, failed)];
    api.post_bundle(bundle(&[&own[..], &[event("e3", "hunter2", at, json!({}))]].concat()).to_string()).await;
    let figures = figures(&api).await;
    assert!(!figures.to_lowercase().contains("hunter2"), "{figures}");
    for figure in [
        r#"leviathan_http_requests_total{method="GET",route="none",status="404"}"#,
        r#"leviathan_http_requests_total{method="GET",route="/v1/attempts/{id}",status="404"}"#,
        r#"leviathan_http_requests_total{method="other",route="/healthz",status="405"}"#,
        r#"leviathan_attempt_ends_total{outcome="failed",cause="other",origin="claimed"}"#,
    ] {
        assert_eq!(value(&figures, figure), 1.0);
    }
}

#[tokio::test]
async fn figures_are_for_operators() {
    let api = Api::start().await;
    let asked = |token: &str| Answer::of(api.request(Method::GET, "/metrics").bearer_auth(token));
    asked(WORKER).await.problem(403);
    asked("hunter9").await.problem(401);
}

#[tokio::test]
async fn a_request_for_which_there_is_no_place_is_told_to_come_again_and_other_kinds_are_answered() {
    let api = Api::start_with(|state| state.with_max_requests(1)).await;
    api.store.hold();
    let first = tokio::spawn({
        let request = api.request(Method::POST, "/v1/events/ingest").bearer_auth(WORKER);
        Answer::of(request.body(started("attempt-1").to_string()))
    });
    api.store.holds_one().await;
    let refused = api.post_bundle(started("attempt-2").to_string()).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(api.get("/v1/graph/summary").await.status, 200);
    api.store.release();
    assert_eq!(soon(first).await.unwrap().status, 200);
    until(|| async { api.post_bundle(started("attempt-2").to_string()).await.status == 200 }).await;
}

thread_local! {
    /// What was said on this thread, where all of a test happens.
    static SAID: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Said;

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        SAID.with_borrow_mut(|said| said.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_s_span_says_what_it_is_about_and_holds_no_token() {
    // For the whole process: one that is set for a thread misses what another thread came to first.
    let everything = tracing_subscriber::fmt().with_env_filter("leviathan=trace,axum=trace,hyper=trace");
    everything.with_ansi(false).with_writer(|| Said).init();
    let api = Api::start().await;
    api.post_bundle(started("attempt-1").to_string()).await;
    api.get("/v1/attempts/attempt-1").await;
    api.get("/v1/attempts/a%0Ab").await;
    Answer::of(api.request(Method::GET, "/v1/graph/summary").bearer_auth("hunter9")).await;
    let text = String::from_utf8(SAID.take()).unwrap();
    let said: Vec<_> = text.lines().filter(|line| line.contains("answered")).collect();
    let [ingest, attempt, odd, stranger] = said[..] else { panic!("{text}") };
    for part in [
        "POST",
        "/v1/events/ingest",
        r#"caller="worker""#,
        r#"target_id="radix""#,
        r#"attempt_id="attempt-1""#,
        "status=200",
    ] {
        assert!(ingest.contains(part), "{part} in {ingest}");
    }
    for part in [r#"caller="operator""#, r#"attempt_id="attempt-1""#] {
        assert!(attempt.contains(part), "{part} in {attempt}");
    }
    assert!(odd.contains(r#"attempt_id="a\nb""#), "{odd}");
    assert!(stranger.contains("status=401") && !stranger.contains("caller"), "{stranger}");
    assert!(!text.contains("hunter"), "{text}");
}
