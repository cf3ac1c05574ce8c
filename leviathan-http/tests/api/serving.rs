//! Serving, and stopping to.

use crate::support::{Api, OPERATOR, Raw, WORKER, soon};
use crate::wire::started;
use async_trait::async_trait;
use leviathan_core::Bundle;
use leviathan_core::artifact::{ArtifactError, ArtifactStore, ArtifactStream, StoredArtifact};
use leviathan_core::log::Hash;
use leviathan_http::server::SHUTDOWN_GRACE;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

#[tokio::test]
async fn a_request_under_way_is_ended_well_before_the_server_is() {
    let api = Api::start().await;
    let (store, client) = (api.store.clone(), api.client(WORKER));
    store.hold();
    let bundle = Bundle::parse(started("attempt-1").to_string().as_bytes()).unwrap();
    let deadline = Instant::now() + crate::support::SOON;
    let answer = tokio::spawn(async move { client.ingest(&bundle, deadline).await });
    store.holds_one().await;
    let served = api.stop();
    store.release();
    assert_eq!(soon(answer).await.unwrap().unwrap().ingested, 1);
    soon(served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_server() {
    let api = Api::start().await;
    api.store.hold();
    let sent = started("attempt-1").to_string();
    let mut raw = Raw::connect(api.at).await;
    let head = format!(
        "POST /v1/events/ingest HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WORKER}\r\ncontent-length: {}\r\n\r\n{sent}",
        sent.len()
    );
    raw.send(head.as_bytes()).await;
    api.store.holds_one().await;
    let _keep = api.ledger.clone();
    let mut served = api.stop();
    // From here time passes only while nothing else happens.
    tokio::time::pause();
    let told = tokio::time::Instant::now();
    assert!(tokio::time::timeout(SHUTDOWN_GRACE / 2, &mut served).await.is_err(), "ended early");
    served.await.unwrap().unwrap();
    assert!(told.elapsed() >= SHUTDOWN_GRACE);
}

#[tokio::test]
async fn a_peer_that_does_not_finish_the_head_of_its_request_loses_its_connection() {
    let api = Api::start().await;
    for sent in
        ["", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"]
    {
        let mut raw = Raw::connect(api.at).await;
        raw.send(sent.as_bytes()).await;
        // The connection is taken before time begins to pass only while nothing else happens.
        assert_eq!(api.client(OPERATOR).healthy().await, Ok(()));
        tokio::time::pause();
        let began = tokio::time::Instant::now();
        raw.ends().await;
        assert!(began.elapsed() >= std::time::Duration::from_secs(5), "{sent:?} was not waited for");
        tokio::time::resume();
    }
}

/// Keeps nothing, and panics.
#[derive(Debug)]
struct Panicking;

#[async_trait]
impl ArtifactStore for Panicking {
    async fn put(&self, _: ArtifactStream, _: Option<Hash>, _: u64) -> Result<StoredArtifact, ArtifactError> {
        panic!("hunter2")
    }

    async fn get(&self, _: &Hash, _: Option<Range<u64>>) -> Result<ArtifactStream, ArtifactError> {
        panic!("hunter2")
    }

    async fn find(&self, _: &Hash) -> Result<Option<StoredArtifact>, ArtifactError> {
        panic!("hunter2")
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_a_problem_and_the_server_goes_on() {
    let api = Api::start_over(Arc::new(Panicking)).await;
    let problem = api.get(&format!("/v1/artifacts/{}", Hash::ZERO)).await.problem(500);
    assert!(!problem.to_string().contains("hunter2"), "{problem}");
    assert_eq!(api.client(OPERATOR).healthy().await, Ok(()));
}
