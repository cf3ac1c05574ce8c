//! What operators ask and order through the client.

use crate::support::{Api, OPERATOR, SOON, soon};
use crate::wire::{bundle, event, facts};
use futures::{StreamExt, TryStreamExt};
use leviathan_core::Limits;
use leviathan_core::graph::AttemptStatus;
use leviathan_core::log::{Expected, Head, Position, verify_lines_with};
use leviathan_http::checkpoint::CheckpointKey;
use leviathan_http::client::{AttemptQuery, ClientError, FailureQuery, TaskQuery};
use leviathan_http::view::TaskStatus;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn deadline() -> Instant {
    Instant::now() + SOON
}

#[tokio::test]
async fn every_list_is_asked_for_by_what_narrows_it_page_by_page() {
    let api = Api::start().await;
    let task = api.add_task().await;
    let at = "2026-01-24T10:00:05Z";
    for number in 1..=3 {
        let id = format!("foreign {number}/&?=");
        let own = json!({"attempt_id": id, "task_id": "docs", "attempt_number": number});
        let end = json!({"attempt_id": id, "failure_type": "checks_failed", "error_summary": "no"});
        let events = [
            event(&format!("o{number}"), "attempt.created", at, own),
            event(&format!("f{number}"), "attempt.failed", at, end),
        ];
        api.tell(bundle(&events)).await;
    }
    let client = api.client(OPERATOR);
    let asking = client.asking_until(deadline());
    let query = AttemptQuery {
        target: Some(task.target_id.clone()),
        task: Some(task.task_id.clone()),
        status: Some(AttemptStatus::Failed),
        limit: Some(2),
        cursor: None,
    };
    let first = asking.attempts(&query).await.unwrap();
    let rest = asking.attempts(&AttemptQuery { cursor: first.next_cursor, ..query }).await.unwrap();
    let ids: Vec<_> = first.attempts.iter().chain(&rest.attempts).map(|a| a.attempt_id.to_string()).collect();
    assert_eq!(ids, ["foreign 3/&?=", "foreign 2/&?=", "foreign 1/&?="]);
    assert_eq!(rest.next_cursor, None);
    let detail = asking.attempt(&ids[0].parse().unwrap()).await.unwrap();
    assert_eq!(detail.events.len(), 2);

    let failures = FailureQuery { limit: Some(1), ..Default::default() };
    let failures = asking.failures(&failures).await.unwrap();
    assert_eq!((failures.count, failures.failures[0].error.as_deref()), (1, Some("no")));
    let none = TaskQuery { status: Some(TaskStatus::Completed), ..Default::default() };
    assert_eq!(asking.tasks(&none).await.unwrap().count, 0);
    assert_eq!(asking.task(&task).await.unwrap().attempts, 3);
    let now = asking.digest(None).await.unwrap();
    assert_eq!(asking.digest(Some(now.position)).await.unwrap(), now);
    assert_eq!(now.digest, api.ledger.read(|graph| graph.digest()));
}

#[tokio::test]
async fn the_log_is_read_in_pages_from_its_end_and_whole() {
    let api = Api::start_with(|state| {
        state.with_checkpoint_key(CheckpointKey::parse(&leviathan_core::Secret::new("0".repeat(64))).unwrap())
    })
    .await;
    api.tell(facts(0..40, 100)).await;
    let client = api.client(OPERATOR);
    let asking = client.asking_until(deadline());
    let page = asking.events(Position::new(3), 5).await.unwrap();
    assert_eq!((page.count, page.next_after), (5, Position::new(8)));
    assert_eq!(asking.recent_events(1).await.unwrap()[0].position, Position::new(41));

    let head = api.ledger.read(|graph| graph.head());
    let export = asking.export(Position::START).await.unwrap();
    assert_eq!(export.head, head);
    let bytes: Vec<u8> = export
        .bytes
        .try_fold(Vec::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap();
    let lines = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(line)));
    let expected = Expected { end: Some(head), passes: vec![] };
    assert_eq!(verify_lines_with(lines, &expected).unwrap().unwrap(), head);

    let key = asking.checkpoint_key().await.unwrap().public_key.parse().unwrap();
    let signed = asking.checkpoint().await.unwrap();
    assert_eq!(signed.verify(&key).unwrap().head, head);
    asking.ready().await.unwrap();
    assert!(asking.metrics().await.unwrap().contains("leviathan_log_position 41"));
    assert_eq!(asking.describe().await.unwrap()["openapi"], "3.1.0");
}

#[tokio::test]
async fn an_export_that_breaks_off_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let _ = peer.read(&mut [0; 4096]).await;
        let head = Head { position: Position::new(9), hash: leviathan_core::log::Hash::ZERO };
        let answer = format!(
            "HTTP/1.1 200 OK\r\nleviathan-log-head: {head}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n"
        );
        peer.write_all(answer.as_bytes()).await.unwrap();
    });
    let client = leviathan_http::client::ControlPlane::new(&url, leviathan_core::Secret::new("x")).unwrap();
    let export = client.asking_until(deadline()).export(Position::START).await.unwrap();
    let chunks: Vec<_> = soon(export.bytes.collect()).await;
    assert!(matches!(chunks[..], [Ok(_), Err(ClientError::NoAnswer { .. })]), "{chunks:?}");
}

#[tokio::test]
async fn orders_are_carried_out_and_what_makes_no_sense_is_told() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let client = api.client(OPERATOR);
    let asking = client.asking_until(deadline());
    assert_eq!(asking.cancel(&id, "enough").await.unwrap().status, "cancel_requested");
    assert_eq!(asking.invalidate(&id, "wrong").await.unwrap().status, "invalidated");
    let task = api.ledger.read(|graph| graph.attempt(&id).unwrap().task.clone()).unwrap();
    assert_eq!(asking.pause(&task.target_id, "disk").await.unwrap().status, "paused");
    assert!(asking.task(&task).await.unwrap().blocked.is_some());
    assert_eq!(asking.resume(&task.target_id, "bought one").await.unwrap().status, "resumed");
    let limits = asking.limits().await.unwrap();
    let wider = Limits { max_running: NonZeroU32::new(7).unwrap(), ..limits };
    assert_eq!(asking.change_limits(&wider, "more machines").await.unwrap(), wider);
    assert_eq!(asking.limits().await.unwrap(), wider);

    let unknown = asking.cancel(&"nobody".parse().unwrap(), "x").await.unwrap_err();
    assert_eq!(unknown.status(), Some(404));
    let empty = asking.cancel(&id, " ").await.unwrap_err();
    let ClientError::Refused { problem, .. } = &empty else { panic!("{empty}") };
    assert_eq!(problem.errors[0].path, "reason");
}

/// Answers connections in turn with these statuses, and says how many came.
async fn answering(statuses: &'static [&'static str]) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut count = 0;
        for status in statuses {
            let Ok(Ok((mut peer, _))) = tokio::time::timeout(Duration::from_secs(2), listener.accept()).await
            else {
                break;
            };
            count += 1;
            let _ = peer.read(&mut [0; 65536]).await;
            let body = r#"{"status":"retried","target":"radix","task_id":"docs"}"#;
            let length = body.len();
            let _ = peer
                .write_all(
                    format!(
                        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                    )
                    .as_bytes(),
                )
                .await;
        }
        count
    });
    (url, served)
}

#[tokio::test]
async fn what_does_harm_twice_is_sent_again_only_if_it_was_surely_not_carried_out() {
    let task = leviathan_core::graph::TaskKey::new("radix".parse().unwrap(), "docs".parse().unwrap());
    let token = || leviathan_core::Secret::new("x");
    let (url, served) = answering(&["429 Too Many Requests", "200 OK"]).await;
    let client = leviathan_http::client::ControlPlane::new(&url, token()).unwrap();
    client.asking_until(deadline()).retry(&task, "again").await.unwrap();
    assert_eq!(served.await.unwrap(), 2);

    let (url, served) = answering(&["503 Service Unavailable", "200 OK"]).await;
    let client = leviathan_http::client::ControlPlane::new(&url, token()).unwrap();
    let error = client.asking_until(deadline()).retry(&task, "again").await.unwrap_err();
    assert_eq!((error.status(), served.await.unwrap()), (Some(503), 1));
}

#[tokio::test]
async fn a_question_that_gets_no_answer_is_asked_until_its_deadline() {
    let (url, served) =
        answering(&["503 Service Unavailable", "502 Bad Gateway", "503 Service Unavailable"]).await;
    let client =
        leviathan_http::client::ControlPlane::new(&url, leviathan_core::Secret::new("hunter2")).unwrap();
    let begun = Instant::now();
    let error = client.asking_until(begun + Duration::from_millis(900)).summary().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(served.await.unwrap() > 1, "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
