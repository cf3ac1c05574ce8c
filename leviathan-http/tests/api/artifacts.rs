//! Artifacts in and out.

use crate::support::{Answer, Api, OPERATOR, Raw, WORKER};
use leviathan_core::artifact::StoredArtifact;
use leviathan_core::log::Hash;
use reqwest::Method;

const CONTENT: &[u8] = b"what the checks said\n";

#[tokio::test]
async fn bytes_come_out_as_they_went_in() {
    let api = Api::start().await;
    let sha256 = Hash::of(CONTENT);
    let put = api.put_artifact(&sha256.to_string(), CONTENT).await;
    assert_eq!(put.status, 201);
    let stored: StoredArtifact = serde_json::from_slice(&put.body).unwrap();
    assert_eq!(stored, StoredArtifact { sha256, size_bytes: CONTENT.len() as u64 });
    assert_eq!(api.put_artifact(&sha256.to_string(), CONTENT).await.status, 200, "kept already");

    let path = format!("/v1/artifacts/{sha256}");
    let head = Answer::of(api.request(Method::HEAD, &path).bearer_auth(OPERATOR)).await;
    let got = api.get(&path).await;
    assert_eq!(&got.body[..], CONTENT);
    assert!(head.body.is_empty());
    for answer in [head, got] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("content-length"), CONTENT.len().to_string());
        assert_eq!(answer.header("etag"), format!("\"{sha256}\""));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn bytes_of_another_digest_are_refused_and_leave_nothing() {
    let api = Api::start().await;
    let (named, sent) = (Hash::of(b"named"), Hash::of(CONTENT));
    let problem = api.put_artifact(&named.to_string(), CONTENT).await.problem(422);
    assert!(problem.detail.contains(&named.to_string()) && problem.detail.contains(&sent.to_string()));
    for digest in [named, sent] {
        assert_eq!(api.artifacts.find(&digest).await.unwrap(), None);
        api.get(&format!("/v1/artifacts/{digest}")).await.problem(404);
    }
}

#[tokio::test]
async fn half_an_upload_leaves_nothing() {
    let api = Api::start().await;
    let sha256 = Hash::of(CONTENT);
    let mut raw = Raw::connect(api.at).await;
    let head = format!(
        "PUT /v1/artifacts/{sha256} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WORKER}\r\ncontent-length: {}\r\n\r\n",
        CONTENT.len() + 1
    );
    raw.send(&[head.as_bytes(), CONTENT].concat()).await;
    drop(raw);
    // A whole upload of the same bytes is told that they are new.
    assert_eq!(api.put_artifact(&sha256.to_string(), CONTENT).await.status, 201);
}

#[tokio::test]
async fn half_an_upload_of_chunks_is_told_so_and_leaves_nothing() {
    let api = Api::start().await;
    let sha256 = Hash::of(CONTENT);
    let mut raw = Raw::connect(api.at).await;
    let head = format!(
        "PUT /v1/artifacts/{sha256} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WORKER}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let chunk = format!("{head}{:x}\r\n{}\r\nno chunk\r\n", CONTENT.len(), String::from_utf8_lossy(CONTENT));
    raw.send(chunk.as_bytes()).await;
    raw.until("broke off").await;
    assert_eq!(api.artifacts.find(&sha256).await.unwrap(), None);
}

#[tokio::test]
async fn bytes_over_the_limit_are_refused_whether_or_not_their_size_was_announced() {
    let api = Api::start_with(|state| state.with_max_artifact_bytes(1 << 20)).await;
    let large = vec![7; (1 << 20) + 1];
    let digest = Hash::of(&large).to_string();
    api.put_artifact(&digest, &large).await.problem(413);
    let chunks = large.chunks(4096).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let request = api.request(Method::PUT, &format!("/v1/artifacts/{digest}")).bearer_auth(WORKER).body(body);
    Answer::of(request).await.problem(413);
    assert_eq!(api.put_artifact(&Hash::of(&large[1..]).to_string(), &large[1..]).await.status, 201);
}

#[tokio::test]
async fn an_artifact_may_be_larger_than_a_bundle() {
    let api = Api::start().await;
    let large = vec![7; 20 << 20];
    let digest = Hash::of(&large).to_string();
    assert_eq!(api.put_artifact(&digest, &large).await.status, 201);
    assert_eq!(api.get(&format!("/v1/artifacts/{digest}")).await.body, large);
}

#[tokio::test]
async fn a_name_that_is_no_digest_is_told_so() {
    let api = Api::start().await;
    for name in ["x", "E3B0", "..%2f..%2fetc", "%ff"] {
        let path = format!("/v1/artifacts/{name}");
        assert_eq!(api.get(&path).await.problem(400).errors[0].path, "sha256", "{name}");
        api.put_artifact(name, b"").await.problem(400);
    }
}

async fn part(api: &Api, name: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = api.request(Method::GET, &format!("/v1/artifacts/{name}")).bearer_auth(OPERATOR);
    for (header, value) in headers {
        request = request.header(*header, *value);
    }
    Answer::of(request).await
}

#[tokio::test]
async fn a_range_of_the_bytes_may_be_asked_for_and_what_lies_behind_their_end_may_not() {
    let api = Api::start().await;
    let digest = Hash::of(CONTENT).to_string();
    api.put_artifact(&digest, CONTENT).await;
    let size = CONTENT.len();
    let some = part(&api, &digest, &[("range", "bytes=1-3")]).await;
    assert_eq!((some.status, &some.body[..]), (206, &CONTENT[1..4]));
    assert_eq!(some.header("content-range"), format!("bytes 1-3/{size}"));
    assert_eq!(some.header("content-length"), "3");
    let last = part(&api, &digest, &[("range", "bytes=-2")]).await;
    assert_eq!((last.status, &last.body[..]), (206, &CONTENT[size - 2..]));
    let beyond = part(&api, &digest, &[("range", &format!("bytes={size}-"))]).await;
    beyond.problem(416);
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
}

#[tokio::test]
async fn whoever_has_the_bytes_by_their_tag_is_told_so_and_sent_nothing() {
    let api = Api::start().await;
    let digest = Hash::of(CONTENT).to_string();
    api.put_artifact(&digest, CONTENT).await;
    let whole = part(&api, &digest, &[]).await;
    let tag = whole.header("etag");
    let known = part(&api, &digest, &[("if-none-match", tag)]).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag));
    assert_eq!(part(&api, &digest, &[("if-none-match", "\"other\"")]).await.body, CONTENT);
}

#[tokio::test]
async fn bytes_are_sent_to_be_kept_and_never_to_be_shown() {
    let api = Api::start().await;
    let page = b"<html><script>alert(1)</script>";
    let digest = Hash::of(page).to_string();
    api.put_artifact(&digest, page).await;
    let sent = part(&api, &digest, &[]).await;
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(sent.header(header), value);
    }
}
