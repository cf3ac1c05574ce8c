//! Who may do what.

use crate::support::{Answer, Api, OPERATOR, OPERATOR_BEFORE, Raw, WORKER};
use reqwest::Method;

const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Every guarded route, and whether a worker may use it.
fn routes() -> [(Method, String, bool); 6] {
    [
        (Method::POST, "/v1/events/ingest".to_owned(), true),
        (Method::PUT, format!("/v1/artifacts/{DIGEST}"), true),
        (Method::GET, format!("/v1/artifacts/{DIGEST}"), false),
        (Method::HEAD, format!("/v1/artifacts/{DIGEST}"), false),
        (Method::GET, "/v1/attempts/a".to_owned(), false),
        (Method::GET, "/v1/graph/summary".to_owned(), false),
    ]
}

#[tokio::test]
async fn an_operator_may_do_everything_with_either_token_and_a_worker_only_report() {
    let api = Api::start().await;
    for (method, path, worker) in routes() {
        for (token, may) in [(OPERATOR, true), (OPERATOR_BEFORE, true), (WORKER, worker)] {
            let answer = Answer::of(api.request(method.clone(), &path).bearer_auth(token)).await;
            assert_eq!(answer.status != 403, may, "{method} {path} with {token}");
            assert_ne!(answer.status, 401, "{method} {path} with {token}");
        }
    }
}

#[tokio::test]
async fn nobody_else_may_do_anything() {
    let api = Api::start().await;
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
    ];
    for (method, path, _) in routes() {
        for header in &wrong {
            let mut request = api.request(method.clone(), &path);
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 401, "{method} {path} with {header:?}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            if method != Method::HEAD {
                assert!(!answer.problem(401).to_string().contains("hunter"));
            }
        }
    }
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
