//! One pull request for a branch: the open one, else a new one.

use crate::support::{Room, draft};
use leviathan_test_forge::{Fault, PullState};
use leviathan_worker::forge::{Forge, ForgeErrorKind, OpenPullRequest};

const BRANCH: &str = "agent/docs";

/// The numbers of all pull requests.
fn numbers(room: &Room) -> Vec<u64> {
    room.forge.pulls().iter().map(|pull| pull.number).collect()
}

#[tokio::test]
async fn a_branch_without_a_pull_request_gets_one() {
    let room = Room::with(&[BRANCH]);
    let opened = room.propose(BRANCH, "Write").await.unwrap();
    let url = format!("{}/acme/radix/pull/7", room.forge.url());
    assert_eq!(opened, OpenPullRequest { number: 7, url, created: true });
    let pull = room.forge.pull(7);
    assert_eq!(
        [pull.title, pull.body, pull.head, pull.base],
        ["Write", "about Write", BRANCH, "main"].map(str::to_owned)
    );
    assert_eq!(pull.head_sha, room.tip(BRANCH));
}

#[tokio::test]
async fn an_open_one_is_made_to_say_what_there_is_to_say_now() {
    let room = Room::with(&[BRANCH, "agent/other"]);
    room.propose("agent/other", "Other").await.unwrap();
    let first = room.propose(BRANCH, "Write").await.unwrap();
    room.commit(BRANCH);
    let second = room.propose(BRANCH, "Write it well").await.unwrap();
    assert_eq!(second, OpenPullRequest { created: false, ..first.clone() });
    let pull = room.forge.pull(first.number);
    assert_eq!((pull.title.as_str(), pull.body.as_str()), ("Write it well", "about Write it well"));
    assert_eq!((numbers(&room).len(), room.forge.pull(7).title), (2, "Other".to_owned()));
}

#[tokio::test]
async fn one_that_was_closed_or_merged_is_left_as_it_is_and_a_new_one_is_made() {
    let room = Room::with(&[BRANCH]);
    for state in [PullState::Closed, PullState::Merged] {
        let earlier = room.propose(BRANCH, "Earlier").await.unwrap();
        room.forge.settle(earlier.number, state);
        let known = room.forge.pull(earlier.number);
        let later = room.propose(BRANCH, "Later").await.unwrap();
        assert!(later.created && later.number > earlier.number);
        assert_eq!(room.forge.pull(earlier.number), known);
        room.forge.settle(later.number, PullState::Closed);
    }
}

#[tokio::test]
async fn one_of_a_fork_and_one_for_another_branch_are_other_peoples() {
    let room = Room::with(&[BRANCH, "release"]);
    let theirs = [
        room.forge.open_by_hand("mallory", BRANCH, "main"),
        room.forge.open_by_hand("acme", BRANCH, "release"),
    ];
    let known = room.forge.pulls();
    let ours = room.propose(BRANCH, "Write").await.unwrap();
    assert!(ours.created && !theirs.contains(&ours.number));
    assert_eq!(room.forge.pulls()[..2], known);
}

#[tokio::test]
async fn an_answer_that_is_lost_leads_to_no_second_pull_request() {
    let room = Room::with(&[BRANCH]);
    room.forge.fail_next([None, Some(Fault::LosesAnswer)]);
    let opened = room.propose(BRANCH, "Write").await.unwrap();
    assert_eq!(numbers(&room), [opened.number]);
    let path = "/repos/acme/radix/pulls";
    let expected = [
        format!("GET {path}"),
        format!("POST {path}"),
        format!("POST {path}"),
        format!("GET {path}"),
        format!("PATCH {path}/7"),
    ];
    assert_eq!(room.forge.requests(), expected);
}

#[tokio::test]
async fn workers_that_come_at_once_share_one() {
    let room = Room::with(&[BRANCH]);
    let all = futures::future::join_all((0..5).map(|_| room.propose(BRANCH, "Write"))).await;
    assert!(all.iter().all(|opened| opened.as_ref().unwrap().number == 7), "{all:?}");
    assert_eq!(numbers(&room), [7]);
}

#[tokio::test]
async fn a_branch_that_the_forge_does_not_know_yet_is_waited_for() {
    let room = Room::with(&[]);
    let error = room.propose(BRANCH, "Write").await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Unavailable);
    assert!(error.to_string().contains("head invalid"), "{error}");
    assert!(room.forge.requests().len() > 3);
}

#[tokio::test]
async fn what_holds_no_commit_can_not_be_proposed() {
    let room = Room::with(&[BRANCH]);
    let number = room.propose(BRANCH, "Write").await.unwrap().number;
    room.forge.merge(number);
    let error = room.propose(BRANCH, "Again").await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Rejected);
    assert!(error.to_string().contains("No commits between main and agent/docs"), "{error}");
    let to_nowhere =
        leviathan_worker::forge::PullRequestDraft { base: "trunk".to_owned(), ..draft(BRANCH, "x") };
    let error = room.github.propose(&to_nowhere, room.within(60)).await.unwrap_err();
    assert!(
        error.kind() == ForgeErrorKind::Rejected && error.to_string().contains("base invalid"),
        "{error}"
    );
}
