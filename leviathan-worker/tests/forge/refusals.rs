//! What the forge refuses, what it puts off, and what breaks on the way.

use crate::support::{Room, TOKEN, draft, github};
use leviathan_core::{Clock, ForgeConfig, Secret};
use leviathan_test_forge::Fault;
use leviathan_worker::forge::{Asked, Forge, ForgeError, ForgeErrorKind, open_forge};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

const BRANCH: &str = "agent/docs";

/// All that an error says, to people and to programmers.
fn all_words(error: &ForgeError) -> String {
    let mut words = format!("{error} {error:?}");
    let mut below = error.source();
    while let Some(error) = below {
        words += &format!(" {error} {error:?}");
        below = error.source();
    }
    words
}

fn refused(status: u16, headers: &[(&'static str, String)], message: &'static str) -> Option<Fault> {
    Some(Fault::Refused(status, headers.to_vec(), message))
}

#[tokio::test]
async fn what_an_operator_must_set_right_is_told_at_once() {
    use ForgeErrorKind::{Denied, Rejected};
    for (status, message, kind, says) in [
        (401, "Bad credentials", Denied, "a token that is valid"),
        (403, "Resource not accessible by personal access token", Denied, "allowed to read and write"),
        (404, "Not Found", Denied, "may not see it"),
        (301, "Moved Permanently", Rejected, "give its new URL"),
        (400, "Problems parsing JSON", Rejected, "Problems parsing JSON"),
        (410, "Gone", Rejected, "Gone"),
        (422, "Validation Failed", Rejected, "Validation Failed"),
    ] {
        let room = Room::with(&[BRANCH]);
        room.forge.fail_next([Some(Fault::status(status, message))]);
        let error = room.propose(BRANCH, "Write").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
        let words = error.to_string();
        assert!(words.contains(says) && words.contains(message), "{status}: {words}");
        assert!(words.contains("GET http://") && words.contains("/repos/acme/radix/pulls"), "{words}");
        assert_eq!((room.forge.requests().len(), room.clock.waits().len()), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_denied() {
    let room = Room::with(&[BRANCH]);
    let github = room.client("another");
    let error = github.propose(&draft(BRANCH, "Write"), room.within(60)).await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Denied);
    assert!(room.forge.pulls().is_empty());
}

#[tokio::test]
async fn what_may_work_later_is_tried_again() {
    for status in [408, 500, 502, 503, 504] {
        let room = Room::with(&[BRANCH]);
        let fault = || Some(Fault::status(status, "come back later"));
        room.forge.fail_next([fault(), fault(), None, fault()]);
        assert!(room.propose(BRANCH, "Write").await.unwrap().created, "{status}");
        let waits = room.clock.waits();
        assert!(waits.len() == 3 && waits[0] < waits[1], "each pause is longer than the last: {waits:?}");
    }
}

#[tokio::test]
async fn a_forge_that_never_recovers_is_unavailable_once_the_time_is_over() {
    let room = Room::with(&[BRANCH]);
    room.forge.fail_always(Some(Fault::status(503, "maintenance")));
    let until = room.within(120);
    let error = room.propose(BRANCH, "Write").await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Unavailable);
    assert!(error.to_string().contains("maintenance") && error.to_string().contains("tries"), "{error}");
    assert!(room.clock.now() < until);
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_for_as_long_as_the_forge_says() {
    let seconds = |seconds: u64| vec![("retry-after", seconds.to_string())];
    let room = Room::with(&[BRANCH]);
    let reset = (room.clock.now() + Duration::from_secs(80)).timestamp();
    let used_up = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset.to_string())];
    let date = (room.clock.now() + Duration::from_secs(9)).to_rfc2822();
    for (fault, wait) in [
        (refused(429, &seconds(7), "slow down"), 7),
        (refused(403, &seconds(7), "You have exceeded a secondary rate limit"), 7),
        (refused(503, &seconds(7), "come back later"), 7),
        (refused(403, &used_up, "API rate limit exceeded for user ID 1."), 81),
        (refused(429, &used_up, "API rate limit exceeded"), 81),
        (refused(403, &[], "You have exceeded a secondary rate limit"), 60),
        (refused(429, &[], "Too Many Requests"), 60),
        (refused(429, &[("retry-after", date.clone())], "slow down"), 9),
    ] {
        let room = Room::with(&[BRANCH]);
        let said = format!("{fault:?}");
        room.forge.fail_next([fault]);
        assert!(room.propose(BRANCH, "Write").await.unwrap().created, "{said}");
        assert_eq!(room.clock.waits(), [Duration::from_secs(wait)], "{said}");
    }
}

#[tokio::test]
async fn a_limit_that_outlasts_the_deadline_is_told_at_once_and_kept_by_whoever_asks_next() {
    let room = Room::with(&[BRANCH]);
    room.forge.fail_next([refused(429, &[("retry-after", "600".to_owned())], "slow down")]);
    let error = room.propose(BRANCH, "Write").await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Unavailable);
    assert!(error.to_string().contains("600 s"), "{error}");
    let asked = Asked { base: "main".to_owned(), ..Asked::default() };
    let error = room.github.pull_requests(&asked, room.within(45)).await.unwrap_err();
    assert!(error.to_string().contains("left alone"), "{error}");
    assert_eq!((room.forge.requests().len(), room.clock.waits().len()), (1, 0));
    room.clock.pass(Duration::from_secs(600));
    assert!(room.propose(BRANCH, "Write").await.unwrap().created);
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_can_not_be_read_counts_as_none() {
    for (fault, says) in [(Fault::Hangs, "timed out"), (Fault::IsNoJson, "can't be used")] {
        let room = Room::with(&[BRANCH]);
        let github = room.client(TOKEN).with_request_timeout(Duration::from_millis(500));
        room.forge.fail_always(Some(fault.clone()));
        let error = github.propose(&draft(BRANCH, "Write"), room.within(2)).await.unwrap_err();
        assert_eq!(error.kind(), ForgeErrorKind::Unavailable, "{fault:?}");
        assert!(error.to_string().contains(says), "{fault:?}: {error}");
        room.forge.fail_always(None);
        room.forge.fail_next([Some(fault)]);
        assert!(github.propose(&draft(BRANCH, "Write"), room.within(60)).await.unwrap().created);
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_it() {
    let room = Room::with(&[BRANCH]);
    room.forge.fail_next([Some(Fault::HasNoEnd)]);
    assert!(room.propose(BRANCH, "Write").await.unwrap().created);
    assert_eq!(room.forge.requests().len(), 3);
}

#[tokio::test]
async fn a_forge_that_nobody_runs_is_unavailable() {
    let room = Room::with(&[]);
    let github = github("http://127.0.0.1:1", "/srv/acme/radix.git", TOKEN, &room.clock).unwrap();
    let error = github.propose(&draft(BRANCH, "Write"), room.within(5)).await.unwrap_err();
    assert_eq!(error.kind(), ForgeErrorKind::Unavailable);
    assert!(all_words(&error).contains("127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn the_token_goes_to_no_other_server_though_a_page_says_that_the_next_is_there() {
    let (room, other) = (Room::with(&[]), Room::with(&[]));
    let next = format!("{}/repos/acme/radix/pulls?page=2", other.forge.url());
    room.forge.fail_next([Some(Fault::LeadsTo(next))]);
    let asked = Asked { base: "main".to_owned(), ..Asked::default() };
    let error = room.github.pull_requests(&asked, room.within(60)).await.unwrap_err();
    assert!(error.to_string().contains("another server"), "{error}");
    assert!(other.forge.requests().is_empty());
}

#[tokio::test]
async fn no_error_and_no_debug_output_shows_the_token() {
    let room = Room::with(&[BRANCH]);
    assert!(!format!("{:?}", room.github).contains("s3cret"));
    for fault in [
        Fault::RepeatsHeaders,
        Fault::status(401, "Bad credentials"),
        Fault::status(500, "broken"),
        Fault::IsNoJson,
    ] {
        room.forge.fail_always(Some(fault.clone()));
        let error = room.propose(BRANCH, "Write").await.unwrap_err();
        let words = all_words(&error);
        assert!(!words.contains("s3cret"), "{words}");
        assert_eq!(words.contains("[secret]"), matches!(fault, Fault::RepeatsHeaders), "{words}");
    }
}

#[test]
fn what_can_not_be_used_is_refused_before_anything_is_sent_and_no_secret_repeated() {
    let clock = crate::support::SkippingClock::new();
    for (api_url, repo_url, token, says) in [
        ("https://me:s3cret@api", "/srv/acme/radix", TOKEN, "credentials"),
        ("ftp://api/s3cret", "/srv/acme/radix", TOKEN, "http://"),
        ("https://api", "radix", TOKEN, "does not end with an owner"),
        ("https://api", "/srv/acme/radix", "two s3cret words", "visible ASCII"),
        ("https://api", "/srv/acme/radix", "", "visible ASCII"),
    ] {
        let error = github(api_url, repo_url, token, &clock).unwrap_err();
        assert_eq!(error.kind(), ForgeErrorKind::Rejected);
        let words = all_words(&error);
        assert!(words.contains(says) && !words.contains("s3cret"), "{words}");
    }
    let open = |config: &ForgeConfig, token: Option<&str>| {
        open_forge(config, "/srv/acme/radix", token.map(Secret::new), Arc::new(clock.clone()))
    };
    assert!(open(&ForgeConfig::None, None).unwrap().is_none());
    let github = ForgeConfig::Github { api_url: "https://api".to_owned() };
    assert!(open(&github, Some(TOKEN)).unwrap().is_some());
    assert!(open(&github, None).unwrap_err().to_string().contains("GITHUB_TOKEN is not set"));
}
