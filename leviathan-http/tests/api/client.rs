//! The client.

use crate::support::{Api, OPERATOR, SOON, WORKER, soon};
use crate::wire::started;
use bytes::Bytes;
use leviathan_core::artifact::artifact_stream;
use leviathan_core::log::Hash;
use leviathan_core::{Bundle, Secret};
use leviathan_http::client::{ClientError, ControlPlane};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn a_bundle() -> Bundle {
    Bundle::parse(started("attempt-1").to_string().as_bytes()).unwrap()
}

fn at(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// An HTTP answer, to be given by a server of the test's own.
fn answer(status: &str, header: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{header}content-length: {}\r\n\r\n{body}", body.len())
}

/// What a control plane says to an artifact without bytes.
fn kept_nothing() -> String {
    format!(r#"{{"sha256":"{}","size_bytes":0}}"#, Hash::of(b""))
}

/// Answers the first request of each connection with the next of `answers`, the last of them for ever, and counts.
fn scripted(listener: TcpListener, answers: Vec<String>) -> Arc<AtomicU32> {
    let served = Arc::new(AtomicU32::new(0));
    let count = served.clone();
    tokio::spawn(async move {
        loop {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut request = [0; 65536];
            let _ = peer.read(&mut request).await;
            let index = count.fetch_add(1, Ordering::SeqCst) as usize;
            let answer = answers.get(index).or(answers.last()).unwrap();
            let _ = peer.write_all(answer.as_bytes()).await;
            let _ = peer.shutdown().await;
        }
    });
    served
}

#[tokio::test]
async fn a_bundle_and_an_artifact_arrive() {
    let api = Api::start().await;
    let (worker, operator) = (api.client(WORKER), api.client(OPERATOR));
    let deadline = Instant::now() + SOON;
    let receipt = worker.ingest(&a_bundle(), deadline).await.unwrap();
    assert_eq!((receipt.bundle_id.as_str(), receipt.ingested, receipt.duplicates), ("bundle-1", 1, 0));
    assert_eq!(receipt.head, api.ledger.read(|graph| graph.head().hash));
    assert_eq!(worker.ingest(&a_bundle(), deadline).await.unwrap().duplicates, 1);

    let content = Bytes::from_static(b"bytes");
    let stored = worker.put_artifact(content.clone(), deadline).await.unwrap();
    assert_eq!((stored.sha256, stored.size_bytes), (Hash::of(&content), 5));
    let other = Hash::of(b"others");
    let stored =
        worker.put_artifact_stream(other, || artifact_stream(&b"others"[..]), deadline).await.unwrap();
    assert_eq!((stored.sha256, stored.size_bytes), (other, 6));
    assert_eq!(operator.get_artifact(stored.sha256, 6, deadline).await.unwrap(), "others");
    let too_much = operator.get_artifact(stored.sha256, 5, deadline).await.unwrap_err();
    assert!(too_much.to_string().contains("more than 5 bytes"), "{too_much}");
}

#[tokio::test]
async fn bytes_that_change_under_the_client_are_refused() {
    let api = Api::start().await;
    let deadline = Instant::now() + SOON;
    let client = api.client(WORKER);
    let put = client.put_artifact_stream(Hash::of(b"said"), || artifact_stream(&b"sent"[..]), deadline);
    assert_eq!(put.await.unwrap_err().status(), Some(422));
}

#[tokio::test]
async fn it_tries_again_until_the_server_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(WORKER)).unwrap();
    drop(listener);
    let deadline = Instant::now() + SOON;
    assert!(client.healthy().await.is_err(), "nobody is there yet");
    let reporting = tokio::spawn(async move { client.ingest(&a_bundle(), deadline).await });
    // The first connection is one that the test ends, so that at least one try has failed.
    let listener = TcpListener::bind(address).await.unwrap();
    drop(soon(listener.accept()).await.unwrap());
    drop(listener);
    let _api = Api::start_on(TcpListener::bind(address).await.unwrap()).await;
    assert_eq!(soon(reporting).await.unwrap().unwrap().ingested, 1);
}

#[tokio::test]
async fn it_gives_up_at_its_deadline_and_says_how_often_it_tried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = at(&listener);
    drop(listener);
    let client = ControlPlane::new(&base, Secret::new(WORKER)).unwrap();
    let begun = Instant::now();
    let error = client.ingest(&a_bundle(), begun + Duration::from_secs(1)).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(30));
    let ClientError::NoAnswer { request, tries, what } = &error else { panic!("{error}") };
    assert_eq!(request, &format!("POST {base}/v1/events/ingest"));
    assert!(*tries > 1, "{error}");
    assert!(what.to_lowercase().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(WORKER)).unwrap();
    let put = client.put_artifact(Bytes::from_static(b"x"), Instant::now() + Duration::from_millis(300));
    let error = soon(put).await.unwrap_err();
    assert!(matches!(error, ClientError::NoAnswer { .. }) && error.is_temporary(), "{error}");
}

#[tokio::test]
async fn it_tries_again_after_the_time_that_was_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(WORKER)).unwrap();
    let answers = vec![
        answer("429 Too Many Requests", "retry-after: 1\r\n", ""),
        answer("503 Service Unavailable", "retry-after: 1\r\n", ""),
        answer("200 OK", "", &kept_nothing()),
    ];
    let served = scripted(listener, answers);
    let begun = Instant::now();
    soon(client.put_artifact(Bytes::new(), begun + SOON)).await.unwrap();
    assert_eq!(served.load(Ordering::SeqCst), 3);
    assert!(begun.elapsed() >= Duration::from_secs(2), "it was asked to wait twice");
}

#[tokio::test]
async fn it_tries_again_after_what_may_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(WORKER)).unwrap();
    let whole = answer("200 OK", "", &kept_nothing());
    let answers = vec![
        answer("502 Bad Gateway", "", ""),
        answer("504 Gateway Timeout", "", ""),
        // No answer at all, and one that breaks off.
        String::new(),
        whole[..whole.len() - 10].to_owned(),
        whole,
    ];
    let served = scripted(listener, answers);
    let stored = soon(client.put_artifact(Bytes::new(), Instant::now() + SOON)).await.unwrap();
    assert_eq!((stored.size_bytes, served.load(Ordering::SeqCst)), (0, 5));
}

#[tokio::test]
async fn it_does_not_wait_for_a_time_beyond_its_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(WORKER)).unwrap();
    let served = scripted(listener, vec![answer("503 Service Unavailable", "retry-after: 3600\r\n", "")]);
    let error = soon(client.ingest(&a_bundle(), Instant::now() + SOON / 2)).await.unwrap_err();
    assert_eq!((error.status(), served.load(Ordering::SeqCst)), (Some(503), 1));
}

#[tokio::test]
async fn what_would_be_refused_again_is_sent_once_and_its_faults_are_told() {
    let api = Api::start().await;
    let deadline = Instant::now() + SOON;
    let mut bad = a_bundle();
    bad.events[0].event_type = "".into();
    let error = soon(api.client(WORKER).ingest(&bad, deadline)).await.unwrap_err();
    let ClientError::Refused { tries: 1, problem, .. } = &error else { panic!("{error}") };
    assert_eq!(problem.errors[0].path, "events[0].event_type");
    assert!(error.to_string().contains("events[0].event_type: must not be empty"), "{error}");
    assert!(error.to_string().contains(&api.url("/v1/events/ingest")), "{error}");

    let error = soon(api.client("wrong").ingest(&a_bundle(), deadline)).await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert_eq!(api.client(WORKER).asking().summary().await.unwrap_err().status(), Some(403));
    let unknown = api.client(OPERATOR).asking().attempt(&"attempt/0".parse().unwrap()).await.unwrap_err();
    assert!(unknown.status() == Some(404) && unknown.to_string().contains("attempt/0"), "{unknown}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (from, to) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let client = ControlPlane::new(&at(&from), Secret::new(WORKER)).unwrap();
    scripted(from, vec![answer("307 Temporary Redirect", &format!("location: {}\r\n", at(&to)), "")]);
    let reached = scripted(to, vec![answer("200 OK", "", "")]);
    let error = soon(client.ingest(&a_bundle(), Instant::now() + SOON)).await.unwrap_err();
    assert_eq!((error.status(), reached.load(Ordering::SeqCst)), (Some(307), 0));
}

#[tokio::test]
async fn an_answer_of_something_else_is_told_as_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = ControlPlane::new(&at(&listener), Secret::new(OPERATOR)).unwrap();
    scripted(listener, vec![answer("200 OK", "", "<html>"), answer("404 Not Found", "", "no such backend")]);
    assert!(matches!(client.asking().summary().await, Err(ClientError::BadAnswer { .. })));
    let error = client.asking().summary().await.unwrap_err();
    assert!(error.status() == Some(404) && error.to_string().contains("no such backend"), "{error}");
}

#[tokio::test]
async fn the_token_is_in_no_error_and_in_no_debug() {
    let api = Api::start().await;
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        ControlPlane::new(&at(&listener), Secret::new("hunter2")).unwrap()
    };
    let client = api.client("hunter2");
    let deadline = Instant::now() + Duration::from_millis(200);
    let mut said = format!("{client:?} {nobody:?}");
    for client in [client, nobody] {
        let id = "a".parse().unwrap();
        let ingest = client.ingest(&a_bundle(), deadline).await.unwrap_err();
        let put = client.put_artifact(Bytes::new(), deadline).await.unwrap_err();
        let get = client.get_artifact(Hash::ZERO, 1, deadline).await.unwrap_err();
        for error in [ingest, put, get, client.asking_until(deadline).attempt(&id).await.unwrap_err()] {
            said.push_str(&format!(" {error} {error:?}"));
        }
    }
    let bad = ControlPlane::new("http://x", Secret::new("hunter2\n")).unwrap_err();
    said.push_str(&format!(" {bad} {bad:?}"));
    let bad = ControlPlane::new("http://me:hunter2@x", Secret::new("t")).unwrap_err();
    said.push_str(&format!(" {bad} {bad:?}"));
    assert!(!said.contains("hunter2"), "{said}");
}
