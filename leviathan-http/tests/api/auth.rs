//! Who may do what.

use crate::routes::{DIGEST, Who, World, table};
use crate::support::{Answer, Api, Kept, OPERATOR, OPERATOR_BEFORE, Raw, WORKER, attempt_token, soon};
use crate::wire::{bundle, event, started};
use reqwest::Method;
use serde_json::{Value, json};

/// A header `Authorization`, and what it is answered where nobody else than operators, or workers too, may do something.
struct Bearer {
    authorization: Option<String>,
    by_operators_routes: u16,
    by_workers_routes: u16,
    /// Whether it is no good for what is about the world's attempt.
    of_another_attempt: bool,
}

/// What whoever may use a route is answered: what its row says.
const TAKEN: u16 = 0;

fn bearers(world: &World) -> Vec<Bearer> {
    let bearer = |authorization: &str, by_operators_routes, by_workers_routes| Bearer {
        authorization: Some(authorization.to_owned()),
        by_operators_routes,
        by_workers_routes,
        of_another_attempt: false,
    };
    let token = |text: &str, operators, workers| bearer(&format!("Bearer {text}"), operators, workers);
    let (own, other) = (attempt_token(world.attempt.as_str(), 60), attempt_token("attempt-2", 60));
    vec![
        token(OPERATOR, TAKEN, TAKEN),
        token(OPERATOR_BEFORE, TAKEN, TAKEN),
        token(WORKER, 403, TAKEN),
        token(&own, 403, TAKEN),
        Bearer { of_another_attempt: true, ..token(&other, 403, TAKEN) },
        Bearer { authorization: None, ..token("", 401, 401) },
        token(&attempt_token(world.attempt.as_str(), -1), 401, 401),
        token(&format!("{own}x"), 401, 401),
        token(&format!("x{own}"), 401, 401),
        token("wrong", 401, 401),
        token(&format!("{OPERATOR}x"), 401, 401),
        token(&OPERATOR[..5], 401, 401),
        token("", 401, 401),
        bearer("", 401, 401),
        bearer("Bearer", 401, 401),
        bearer(OPERATOR, 401, 401),
        bearer(&format!("Basic {OPERATOR}"), 401, 401),
    ]
}

#[tokio::test]
async fn each_route_is_open_to_whom_its_row_says_and_to_nobody_else() {
    for route in table() {
        let mut world = World::start(Kept::Memory, &route).await;
        let case = route.taken.first().or(route.refused.first()).expect("a row has a case");
        for number in 0.. {
            let Some(bearer) = bearers(&world).into_iter().nth(number) else { break };
            let expected = match route.who {
                Who::Anybody => TAKEN,
                Who::Workers if bearer.of_another_attempt && case.is_of_attempt() => 403,
                Who::Workers => bearer.by_workers_routes,
                Who::Operators => bearer.by_operators_routes,
            };
            let said = format!("{} with {:?}", route.name, bearer.authorization);
            let before = world.head();
            // Of what is taken the status alone: some answers go on for ever.
            let response = world.send(&route, case, bearer.authorization.as_deref()).await;
            if expected == TAKEN {
                assert_eq!(response.status(), case.status, "{said}");
                // Another for the next, since what is taken changes it; what is refused does not.
                world = World::start(Kept::Memory, &route).await;
                continue;
            }
            assert_eq!(response.status(), expected, "{said}");
            let challenge = response.headers().get("www-authenticate").map(|challenge| challenge.to_str());
            assert_eq!(challenge.is_some_and(|text| text.unwrap().starts_with("Bearer")), expected == 401);
            let answered = soon(response.text()).await.unwrap();
            assert!(!answered.contains("hunter") && !answered.contains("lva1"), "{said}: {answered}");
            assert_eq!(world.head(), before, "{said}: something was recorded");
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
