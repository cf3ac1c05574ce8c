//! The API is away: success is recorded once all the same, from the report or from the final message.

use crate::room::{Came, Room};
use leviathan_core::graph::Outcome;
use leviathan_test_forge::Side;
use std::time::{Duration, Instant};

fn succeeded(reported: bool) -> [Came; 1] {
    [Came { outcome: Outcome::Succeeded { unconfirmed: false }, reported }]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_away_for_all_of_the_work_and_comes_back_hears_the_report_once() {
    let room = Room::new(120).await;
    let comes_late = async {
        // The worker has left its final message by then, and knocked in vain.
        room.says("trying again").await;
        room.api.come().await;
    };
    tokio::join!(room.work(), comes_late);
    room.is_done_once("it came late");
    assert_eq!(room.came(), succeeded(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_never_comes_back_costs_the_report_and_not_the_success() {
    let room = Room::new(12).await;
    let began = Instant::now();
    room.work().await;
    assert!(began.elapsed() < Duration::from_secs(12), "the report was given up before the deadline");
    room.is_done_once("it never came");
    assert_eq!(room.came(), succeeded(false));
    // Coming back when nobody is left who could tell it anything changes nothing.
    let known = room.events().len();
    room.api.come().await;
    room.work().await;
    assert_eq!(room.came(), succeeded(false));
    assert!(room.gate.passed().iter().all(|request| !request.starts_with("api ")), "nobody asked it");
    assert!(room.events().len() <= known + 1, "one more election at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_goes_in_the_middle_of_any_request_and_comes_back_records_each_event_once() {
    let undisturbed = Room::new(120).await;
    undisturbed.api.come().await;
    undisturbed.work().await;
    let requests = undisturbed.gate.passed();
    let of_api: Vec<usize> =
        (0..requests.len()).filter(|number| requests[*number].starts_with("api ")).collect();
    assert!(of_api.len() >= 2 && requests[of_api[of_api.len() - 1]].ends_with("/v1/events/ingest"));
    for number in of_api {
        for side in [Side::Before, Side::After] {
            let room = Room::new(120).await;
            room.api.come().await;
            room.gate.hold(number, side);
            let away_for_a_while = async {
                room.gate.holds().await;
                room.api.go();
                room.says("trying again").await;
                room.api.come().await;
            };
            tokio::join!(room.work(), away_for_a_while);
            let about = format!("it went {side:?} {}", requests[number]);
            room.is_done_once(&about);
            assert_eq!(room.came(), succeeded(true), "{about}");
            let asked = room.gate.passed();
            assert_eq!(asked.len(), requests.len() + 1, "{about}: one request was made twice: {asked:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_refuses_the_worker_is_not_begged() {
    let room = Room::new(120).await;
    room.api.come_for("another-s3cret").await;
    room.work().await;
    room.is_done_once("it refuses");
    assert_eq!(room.came(), succeeded(false));
    let ingests = room.gate.passed().iter().filter(|request| request.ends_with("/ingest")).count();
    assert_eq!(ingests, 1);
}
