//! Many who follow the log while it grows, through connections that break.

use crate::support::{Api, OPERATOR, SOON, soon};
use crate::wire::facts;
use futures::StreamExt;
use leviathan_core::Secret;
use leviathan_core::log::Position;
use leviathan_http::client::ControlPlane;
use leviathan_http::server::ApiState;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

const FOLLOWERS: usize = 200;
const EVENTS: u64 = 400;

/// Lets connections through to `to`, and breaks each after so many bytes of its answer, every time fewer than all.
async fn breaking(to: SocketAddr, after: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut api = TcpStream::connect(to).await?;
                let (mut from_peer, mut to_peer) = peer.split();
                let (mut from_api, mut to_api) = api.split();
                let mut bounded = tokio::io::AsyncReadExt::take(&mut from_api, after);
                tokio::select! {
                    _ = tokio::io::copy(&mut from_peer, &mut to_api) => {}
                    _ = tokio::io::copy(&mut bounded, &mut to_peer) => {}
                }
                to_peer.shutdown().await
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_followers_see_every_position_once_and_in_order_across_lost_connections() {
    let api = Api::start().await;
    // An event is about 300 bytes: each connection breaks after some hundred of them, in the middle of one.
    let url = breaking(api.at, 50_003).await;
    let follow = |url: String| async move {
        let client = ControlPlane::new(&url, Secret::new(OPERATOR)).unwrap();
        let mut stream = Box::pin(client.follow(Position::START));
        for expected in 1..=EVENTS + 1 {
            let event = stream.next().await.unwrap().unwrap();
            assert_eq!(event.position, Position::new(expected));
        }
    };
    let followers: Vec<_> = (0..FOLLOWERS)
        .map(|number| tokio::spawn(follow(if number % 2 == 0 { url.clone() } else { api.url("") })))
        .collect();
    for from in (0..EVENTS).step_by(10) {
        api.tell(facts(from..from + 10, 100)).await;
    }
    for follower in followers {
        tokio::time::timeout(SOON, follower).await.expect("a follower is behind").unwrap();
    }
}

#[tokio::test]
async fn a_follower_goes_on_with_the_server_that_comes_after_and_ends_where_it_is_not_wanted() {
    let store = std::sync::Arc::new(leviathan_core::store::MemoryEventStore::default());
    let serve = |listener: TcpListener, token: &'static str| {
        let store = store.clone();
        async move {
            let new = leviathan_core::NewLog {
                log_id: leviathan_core::id::LogId::from_u128(7),
                name: "test".into(),
            };
            let clock = std::sync::Arc::new(crate::support::TokioClock);
            let (ledger, task) = leviathan_core::Ledger::open(store, clock, new).await.unwrap();
            tokio::spawn(task.run());
            let tokens = leviathan_http::server::Tokens::new(vec![Secret::new(token)], vec![]).unwrap();
            let artifacts = std::sync::Arc::new(leviathan_core::artifact::MemoryArtifactStore::default());
            let router = leviathan_http::server::router(ApiState::new(ledger.clone(), artifacts, tokens));
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let served = tokio::spawn(leviathan_http::server::serve(listener, router, async {
                drop(stopped.await);
            }));
            (ledger, stop, served)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_ledger, stop, served) = serve(listener, OPERATOR).await;
    let client = ControlPlane::new(&format!("http://{address}"), Secret::new(OPERATOR)).unwrap();
    let mut stream = Box::pin(client.follow(Position::START));
    assert_eq!(soon(stream.next()).await.unwrap().unwrap().position, Position::new(1));
    stop.send(()).unwrap();
    soon(served).await.unwrap().unwrap();

    let (ledger, stop, served) = serve(TcpListener::bind(address).await.unwrap(), OPERATOR).await;
    let fact = leviathan_core::Bundle::parse(facts(0..1, 1).to_string().as_bytes()).unwrap();
    ledger.submit(leviathan_core::decide::Command::Ingest(fact)).await.unwrap();
    assert_eq!(soon(stream.next()).await.unwrap().unwrap().position, Position::new(2));
    stop.send(()).unwrap();
    soon(served).await.unwrap().unwrap();

    let (_ledger, _stop, _served) = serve(TcpListener::bind(address).await.unwrap(), "another").await;
    assert_eq!(soon(stream.next()).await.unwrap().unwrap_err().status(), Some(401));
    assert!(soon(stream.next()).await.is_none(), "it has ended");
}
