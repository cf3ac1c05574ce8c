//! How pull requests stand: the open ones in one listing, the others one by one, and never the whole history.

use crate::support::Room;
use leviathan_core::graph::PullRequestState;
use leviathan_test_forge::{Fault, PullState};
use leviathan_worker::forge::{Asked, Forge, ForgeErrorKind};
use std::collections::BTreeMap;

async fn seen(
    room: &Room,
    numbers: &[u64],
    branches: &[&str],
) -> BTreeMap<u64, (PullRequestState, Option<String>)> {
    let asked = Asked {
        base: "main".to_owned(),
        numbers: numbers.iter().copied().collect(),
        branches: branches.iter().map(|&branch| branch.to_owned()).collect(),
    };
    let seen = room.github.pull_requests(&asked, room.within(45)).await.unwrap();
    seen.into_iter().map(|seen| (seen.number, (seen.state, seen.branch))).collect()
}

async fn states(room: &Room, numbers: &[u64], branches: &[&str]) -> Vec<(u64, PullRequestState)> {
    seen(room, numbers, branches).await.into_iter().map(|(number, (state, _))| (number, state)).collect()
}

#[tokio::test]
async fn open_ones_are_found_on_every_page() {
    let room = Room::with(&["agent/docs"]);
    room.forge.limit_pages_to(2);
    let all: Vec<u64> = (0..5).map(|_| room.forge.open_by_hand("acme", "agent/docs", "main")).collect();
    let found = seen(&room, &all, &[]).await;
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), all);
    assert!(found.values().all(|(state, _)| *state == PullRequestState::Open));
    let pages = ["/repos/acme/radix/pulls", "/repositories/1/pulls", "/repositories/1/pulls"];
    assert_eq!(room.forge.requests(), pages.map(|path| format!("GET {path}")));
}

#[tokio::test]
async fn a_page_that_fails_makes_the_whole_unknown() {
    let room = Room::with(&["agent/docs"]);
    room.forge.limit_pages_to(1);
    (0..3).for_each(|_| _ = room.forge.open_by_hand("acme", "agent/docs", "main"));
    room.forge.fail_next([None, Some(Fault::status(401, "Bad credentials"))]);
    let asked = Asked { base: "main".to_owned(), ..Asked::default() };
    let error = room.github.pull_requests(&asked, room.within(45)).await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Denied);
}

#[tokio::test]
async fn what_became_of_those_asked_for_is_found_without_reading_the_history() {
    let room = Room::with(&["agent/a", "agent/b", "agent/c"]);
    for _ in 0..300 {
        let old = room.forge.open_by_hand("acme", "agent/c", "main");
        room.forge.settle(old, PullState::Closed);
    }
    let [merged, closed, open] =
        ["agent/a", "agent/b", "agent/c"].map(|branch| room.forge.open_by_hand("acme", branch, "main"));
    room.forge.merge(merged);
    room.forge.settle(closed, PullState::Closed);
    let found = states(&room, &[merged, closed, open], &[]).await;
    let expected = [
        (merged, PullRequestState::Merged),
        (closed, PullRequestState::Closed),
        (open, PullRequestState::Open),
    ];
    assert_eq!(found, expected);
    assert_eq!(room.forge.requests().len(), 3, "one for the open ones, one for each of the others");
}

#[tokio::test]
async fn the_newest_one_of_a_branch_is_the_one_that_counts() {
    let room = Room::with(&["agent/a"]);
    let [old, new] = [(), ()].map(|()| {
        let number = room.forge.open_by_hand("acme", "agent/a", "main");
        room.forge.settle(number, PullState::Closed);
        number
    });
    assert_eq!(states(&room, &[], &["agent/a"]).await, [(new, PullRequestState::Closed)]);
    room.forge.settle(old, PullState::Open);
    let requests = room.forge.requests().len();
    assert_eq!(states(&room, &[], &["agent/a"]).await, [(old, PullRequestState::Open)]);
    assert_eq!(room.forge.requests().len(), requests + 1, "the listing of the open ones has it");
    assert!(states(&room, &[], &["agent/none"]).await.iter().all(|(number, _)| *number == old));
}

#[tokio::test]
async fn one_that_the_forge_does_not_know_counts_as_closed() {
    let room = Room::with(&[]);
    assert_eq!(states(&room, &[4711], &[]).await, [(4711, PullRequestState::Closed)]);
}

#[tokio::test]
async fn a_merge_from_a_fork_or_into_another_branch_brings_no_work_of_ours() {
    let room = Room::with(&["agent/a", "release"]);
    let fork = room.forge.open_by_hand("mallory", "agent/a", "main");
    let elsewhere = room.forge.open_by_hand("acme", "agent/a", "release");
    assert_eq!(states(&room, &[], &["agent/a"]).await, []);
    for number in [fork, elsewhere] {
        room.forge.settle(number, PullState::Merged);
    }
    let closed = PullRequestState::Closed;
    assert_eq!(states(&room, &[fork, elsewhere], &["agent/a"]).await, [(fork, closed), (elsewhere, closed)]);
}
