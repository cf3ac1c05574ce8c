//! Following the log.

use crate::support::{Api, Follower, WORKER, soon, until};
use crate::wire::facts;
use leviathan_core::store::StoreErrorKind;
use reqwest::Method;
use std::time::Duration;

#[tokio::test]
async fn a_stream_tells_what_there_is_and_then_what_comes() {
    let api = Api::start().await;
    api.tell(facts(0..3, 1)).await;
    let mut follower = Follower::start(&api, "?after=1", None).await;
    assert_eq!(follower.next_positions(3).await, [2, 3, 4]);
    api.tell(facts(3..5, 1)).await;
    let told = follower.next().await.unwrap();
    assert_eq!((told.id, told.data["position"].as_u64()), (Some(5), Some(5)));
    assert_eq!(told.data["event_id"], "fact-3");
    assert_eq!(follower.next_positions(1).await, [6]);
}

#[tokio::test]
async fn a_client_that_comes_again_goes_on_behind_what_it_saw_whatever_its_address_says() {
    let api = Api::start().await;
    api.tell(facts(0..9, 1)).await;
    let mut follower = Follower::start(&api, "?after=1", Some("6")).await;
    assert_eq!(follower.next_positions(4).await, [7, 8, 9, 10]);
    let mut whole = Follower::start(&api, "", Some("")).await;
    assert_eq!(whole.next_positions(2).await, [1, 2]);
}

#[tokio::test]
async fn it_is_a_stream_of_events_for_operators_only() {
    let api = Api::start().await;
    let follower = Follower::start(&api, "", None).await;
    assert_eq!(follower.header("content-type"), "text/event-stream");
    assert_eq!(follower.header("cache-control"), "no-store");
    let ask = |token| api.request(Method::GET, "/v1/events/stream").bearer_auth(token).send();
    assert_eq!(ask(WORKER).await.unwrap().status(), 403);
    assert_eq!(ask("wrong").await.unwrap().status(), 401);
    let bad = api.request(Method::GET, "/v1/events/stream").bearer_auth(crate::support::OPERATOR);
    assert_eq!(bad.header("last-event-id", "soon").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_told_so_at_the_end_and_misses_nothing_when_it_comes_again() {
    let api = Api::start_with(|state| state.with_stream_patience(Duration::from_millis(50))).await;
    let mut follower = Follower::start(&api, "", None).await;
    assert_eq!(follower.next_positions(1).await, [1]);
    // More than all buffers on the way hold.
    let mut told = 1;
    for n in 0..8 {
        api.tell(facts(n * 50..(n + 1) * 50, 200 * 1024)).await;
        told += 50;
    }
    // This is the being slow itself.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut last = 1;
    let end = loop {
        let event = follower.next().await.expect("an error ends it");
        let Some(position) = event.id else { break event };
        assert_eq!(position, last + 1);
        last = position;
    };
    assert_eq!((end.kind.as_deref(), end.data["status"].as_u64()), (Some("error"), Some(503)));
    assert!(end.data["detail"].as_str().unwrap().contains("not read"), "{}", end.data);
    assert!(follower.next().await.is_none());
    assert!(last < told, "it was sent everything: {last}");
    let mut again = Follower::start(&api, "", Some(&last.to_string())).await;
    assert_eq!(again.next_positions((told - last) as usize).await, (last + 1..=told).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams_first() {
    let api = Api::start().await;
    let mut follower = Follower::start(&api, "", None).await;
    assert_eq!(follower.next_positions(1).await, [1]);
    let served = api.stop();
    let end = follower.next().await.unwrap();
    assert!(end.kind.as_deref() == Some("error") && end.data["detail"].as_str().unwrap().contains("stops"));
    assert!(follower.next().await.is_none());
    soon(served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_ends_with_the_reason_when_the_log_cannot_be_read() {
    let api = Api::start().await;
    let mut follower = Follower::start(&api, "", None).await;
    assert_eq!(follower.next_positions(1).await, [1]);
    api.store.fail(StoreErrorKind::Corrupt);
    assert_eq!(api.post_bundle(facts(0..1, 1).to_string()).await.status, 503);
    let end = follower.next().await.unwrap();
    assert_eq!(end.kind.as_deref(), Some("error"));
    assert!(end.data["detail"].as_str().unwrap().contains("the test broke the store"), "{}", end.data);
}

#[tokio::test]
async fn as_many_follow_as_there_are_places_and_a_place_is_free_when_one_leaves() {
    let api = Api::start().await;
    let ask = || api.request(Method::GET, "/v1/events/stream").bearer_auth(crate::support::OPERATOR).send();
    let mut followers = Vec::new();
    for _ in 0..512 {
        followers.push(ask().await.unwrap());
    }
    let refused = ask().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    followers.pop();
    until(|| async { ask().await.unwrap().status() == 200 }).await;
}
