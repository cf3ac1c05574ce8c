//! Who may do what.

use crate::support::{Answer, Api, OPERATOR, OPERATOR_BEFORE, Raw, WORKER, attempt_token, soon};
use crate::wire::{bundle, event, started};
use reqwest::Method;
use serde_json::{Value, json};

const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// What a worker may do.
const REPORTING: [(&str, &str); 2] = [("POST", "/v1/events/ingest"), ("PUT", "/v1/artifacts/{sha256}")];

/// Every guarded route by the API's own description, and whether a worker may use it.
async fn routes(api: &Api) -> Vec<(Method, String, bool)> {
    let description: Value = Answer::of(api.request(Method::GET, "/v1/openapi.json")).await.ok();
    let mut routes = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            let reports = REPORTING.contains(&(method.as_str(), path.as_str()));
            if operation.get("security").is_some() {
                let path = path.replace("{sha256}", DIGEST).replace(['{', '}'], "");
                routes.push((method.parse().unwrap(), path, reports));
            }
        }
    }
    assert_eq!(routes.iter().filter(|(_, _, reports)| *reports).count(), REPORTING.len());
    routes
}

/// The status alone: some answers go on for ever.
async fn status(api: &Api, method: &Method, path: &str, token: &str) -> u16 {
    let request = api.request(method.clone(), path).bearer_auth(token);
    soon(request.send()).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_operator_may_do_everything_with_either_token_and_a_worker_only_report() {
    let api = Api::start().await;
    let own = attempt_token("attempt-1", 60);
    for (method, path, reports) in routes(&api).await {
        for token in [OPERATOR, OPERATOR_BEFORE] {
            let status = status(&api, &method, &path, token).await;
            assert!(![401, 403].contains(&status), "{method} {path} with {token}: {status}");
        }
        for token in [WORKER, &own] {
            let status = status(&api, &method, &path, token).await;
            assert_eq!(status == 403, !reports, "{method} {path} with {token}: {status}");
            assert_ne!(status, 401, "{method} {path} with {token}");
        }
    }
}

#[tokio::test]
async fn nobody_else_may_do_anything() {
    let api = Api::start().await;
    let (expired, valid) = (attempt_token("attempt-1", -1), attempt_token("attempt-1", 60));
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(format!("Bearer {OPERATOR}x")),
        Some(format!("Bearer {}", &OPERATOR[..5])),
        Some(format!("Basic {OPERATOR}")),
        Some(OPERATOR.to_owned()),
        Some(format!("Bearer {expired}")),
        Some(format!("Bearer {valid}x")),
        Some(format!("Bearer x{valid}")),
    ];
    for (method, path, _) in routes(&api).await {
        for header in &wrong {
            let mut request = api.request(method.clone(), &path);
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 401, "{method} {path} with {header:?}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            if method != Method::HEAD {
                let said = answer.problem(401).to_string();
                assert!(!said.contains("hunter") && !said.contains("lva1"), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn an_attempt_s_token_that_expired_says_so() {
    let api = Api::start().await;
    let request = api.request(Method::POST, "/v1/events/ingest").bearer_auth(attempt_token("a", -1));
    assert!(Answer::of(request).await.problem(401).detail.contains("expired"));
}

async fn post_as(api: &Api, attempt: &str, sent: &Value) -> Answer {
    let token = attempt_token(attempt, 60);
    Answer::of(api.request(Method::POST, "/v1/events/ingest").bearer_auth(token).json(sent)).await
}

#[tokio::test]
async fn an_attempt_s_token_reports_of_its_attempt_and_of_no_other() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let before = api.store.events().await.len();

    let answer = post_as(&api, "attempt-2", &started(id.as_str())).await;
    assert_eq!(answer.problem(403).errors[0].path, "events[0].payload");
    let at = "2026-01-24T10:00:05Z";
    let mixed = bundle(&[
        event("e1", "attempt.started", at, json!({"attempt_id": id})),
        event("e2", "attempt.failed", at, json!({"attempt_id": "attempt-2"})),
        event("e3", "task.completed", at, json!({"task_id": "docs", "attempt_id": id})),
    ]);
    let problem = post_as(&api, id.as_str(), &mixed).await.problem(403);
    let paths: Vec<&str> = problem.errors.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["events[1].payload", "events[2].payload"]);
    let mut elsewhere = started(id.as_str());
    elsewhere["target"] = json!("other");
    assert_eq!(post_as(&api, id.as_str(), &elsewhere).await.problem(403).errors[0].path, "target");
    assert_eq!(api.store.events().await.len(), before, "nothing was recorded of any of them");

    post_as(&api, id.as_str(), &started(id.as_str())).await.ok::<Value>();
    assert_eq!(api.store.events().await.len(), before + 1);
}

#[tokio::test]
async fn an_attempt_s_token_leaves_artifacts_and_reads_none() {
    let api = Api::start().await;
    let path = format!("/v1/artifacts/{DIGEST}");
    let token = attempt_token("attempt-1", 60);
    let put = api.request(Method::PUT, &path).bearer_auth(&token).body("");
    assert_eq!(Answer::of(put).await.status, 201);
    Answer::of(api.request(Method::GET, &path).bearer_auth(&token)).await.problem(403);
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let api = Api::start().await;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let request = api.request(Method::GET, "/v1/graph/summary");
        assert_eq!(
            Answer::of(request.header("authorization", format!("{scheme} {OPERATOR}"))).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_stranger_is_refused_before_anything_of_the_body_has_come() {
    let api = Api::start().await;
    for path in ["POST /v1/events/ingest".to_owned(), format!("PUT /v1/artifacts/{DIGEST}")] {
        for header in ["", "expect: 100-continue\r\n"] {
            let mut raw = Raw::connect(api.at).await;
            let head = format!(
                "{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n{header}content-length: 1000\r\n\r\n"
            );
            raw.send(head.as_bytes()).await;
            // The first thing that comes back, so nobody was asked to send a body.
            assert!(raw.until("\"status\":401").await.starts_with("HTTP/1.1 401"));
        }
    }
}

#[tokio::test]
async fn a_refusal_reaches_who_sends_everything_before_listening() {
    let api = Api::start().await;
    let body = vec![b' '; 12 << 20];
    for path in ["POST /v1/events/ingest".to_owned(), format!("PUT /v1/artifacts/{DIGEST}")] {
        let mut raw = Raw::connect(api.at).await;
        let length = body.len();
        let head = format!(
            "{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\ncontent-length: {length}\r\n\r\n"
        );
        raw.send(head.as_bytes()).await;
        raw.send(&body).await;
        assert!(raw.until("\"status\":401").await.starts_with("HTTP/1.1 401"));
    }
}
