//! The git half against a server: git's own, over smart HTTP.

use super::*;
use crate::testing::TOKEN;
use git2::Repository as GitRepository;
use leviathan_core::Secret;
use leviathan_test_forge::{Answer, Gate, GitServer, Side};

/// Serves to anybody.
fn open(remote: &TestOrigin) -> GitServer {
    GitServer::start(remote.path().parent().unwrap(), None)
}

/// Serves to who knows the token.
fn closed(remote: &TestOrigin) -> GitServer {
    GitServer::start(remote.path().parent().unwrap(), Some(TOKEN))
}

fn clone_with(server: &GitServer, token: Option<&str>, commit: Option<&str>) -> Result<Room, Failure> {
    clone_at(&server.url("origin.git"), token, commit)
}

fn clone_at(url: &str, token: Option<&str>, commit: Option<&str>) -> Result<Room, Failure> {
    let dir = tempfile::tempdir().unwrap();
    let remote = Remote::new(url, token.map(Secret::new))?;
    let origin =
        Origin::clone_from(remote, dir.path().join("origin.git"), "main", commit, "agent/t".to_owned())?;
    let room = Room { dir, origin };
    check_out(&room.origin, &room.checkout())?;
    Ok(room)
}

fn push_work(room: &Room) -> Result<(), Failure> {
    room.write("README.md", "work\n");
    push(&room.origin, room.commit())
}

/// Why a clone fails, in words that hold no secret.
fn why(cloned: Result<Room, Failure>) -> Failure {
    let failure = cloned.map(|_| ()).unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains("s3cret"), "{failure}");
    failure
}

#[test]
fn a_shallow_clone_pushes_its_work_and_leaves_the_token_nowhere() {
    let remote = TestOrigin::with(FILES);
    remote.commit("refs/heads/main", &[("README.md", "second\n")]);
    let server = closed(&remote);
    let room = clone_with(&server, Some(TOKEN), None).unwrap();
    assert!(room.origin.open().unwrap().is_shallow());
    push_work(&room).unwrap();
    assert_eq!(remote.file("agent/t", "README.md").as_deref(), Some("work\n"));
    assert_eq!(git(&remote.path(), &["fsck", "--strict", "--no-dangling"]), "");
    for form in [TOKEN, "eC1hY2Nlc3MtdG9rZW4", "x-access-token"] {
        let found = Command::new("grep").args(["-rl", form]).arg(room.dir.path()).output().unwrap();
        assert_eq!(String::from_utf8(found.stdout).unwrap(), "", "{form}");
    }
    for repository in [room.origin.open().unwrap(), GitRepository::open(room.checkout()).unwrap()] {
        assert_eq!(repository.remotes().unwrap().len(), 0, "{}", repository.path().display());
    }
}

#[test]
fn the_next_attempts_push_replaces_the_tip_that_its_clone_saw() {
    let remote = TestOrigin::with(FILES);
    let server = closed(&remote);
    for content in ["one\n", "two\n"] {
        let room = clone_with(&server, Some(TOKEN), None).unwrap();
        room.write("README.md", content);
        push(&room.origin, room.commit()).unwrap();
        assert_eq!(remote.file("agent/t", "README.md").as_deref(), Some(content));
        assert_eq!(remote.tip("agent/t").unwrap().parent_id(0).unwrap(), remote.tip("main").unwrap().id());
    }
}

#[test]
fn a_base_behind_the_tip_is_found_in_a_shallow_clone() {
    let remote = TestOrigin::with(FILES);
    let first = remote.tip("main").unwrap().id().to_string();
    remote.commit("refs/heads/main", &[("README.md", "second\n")]);
    let room = clone_with(&open(&remote), None, Some(&first)).unwrap();
    assert_eq!(room.origin.read("README.md").unwrap().unwrap(), b"hello\n");
    push_work(&room).unwrap();
}

#[test]
fn a_token_that_is_not_taken_is_offered_once_and_never_shown() {
    let remote = TestOrigin::with(FILES);
    let server = closed(&remote);
    let failure = why(clone_with(&server, Some("wr0ng-s3cret"), None));
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("does not take the token"), "{failure}");
    assert_eq!(server.authorizations().iter().flatten().count(), 1);
    let failure = why(clone_with(&server, None, None));
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("GITHUB_TOKEN"), "{failure}");
}

#[test]
fn the_token_does_not_follow_a_redirect() {
    let remote = TestOrigin::with(FILES);
    let elsewhere = closed(&remote);
    let redirecting =
        |host: &str| open(&remote).answering(Answer::Redirect(elsewhere.url("").replace("127.0.0.1", host)));
    let failure = why(clone_with(&redirecting("localhost"), Some(TOKEN), None));
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(
        failure.summary.contains("sends to another place") && failure.summary.contains("new URL"),
        "{failure}"
    );
    assert_eq!(elsewhere.authorizations(), []);
    // libgit2 takes another port of the same host for the same place; there it gets no token.
    let failure = why(clone_with(&redirecting("127.0.0.1"), Some(TOKEN), None));
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("another server"), "{failure}");
    assert_eq!(elsewhere.authorizations(), [None]);
}

#[test]
fn nor_does_it_when_only_the_push_is_sent_elsewhere() {
    let remote = TestOrigin::with(FILES);
    let (server, elsewhere) = (closed(&remote), closed(&remote));
    let room = clone_with(&server, Some(TOKEN), None).unwrap();
    server.answer(Answer::Redirect(elsewhere.url("").replace("127.0.0.1", "localhost")));
    let failure = push_work(&room).unwrap_err();
    assert_eq!(failure.cause, Cause::PushDenied, "{failure}");
    assert!(failure.summary.contains("sends to another place"), "{failure}");
    assert_eq!(elsewhere.authorizations(), []);
    assert!(remote.tip("agent/t").is_none());
}

#[test]
fn what_an_operator_must_look_at_is_told_from_what_may_pass() {
    let remote = TestOrigin::with(FILES);
    let server = open(&remote);
    let room = clone_with(&server, None, None).unwrap();
    for (status, clone, push, says) in [
        (401, Cause::CloneDenied, Cause::PushDenied, "requires authentication"),
        (403, Cause::CloneDenied, Cause::PushDenied, "403"),
        (404, Cause::CloneDenied, Cause::PushDenied, "may not see it"),
        (429, Cause::CloneFailed, Cause::PushFailed, "429"),
        (500, Cause::CloneFailed, Cause::PushFailed, "500"),
        (503, Cause::CloneFailed, Cause::PushFailed, "503"),
    ] {
        server.answer(Answer::Status(status));
        for (failure, cause) in
            [(why(clone_with(&server, None, None)), clone), (push_work(&room).unwrap_err(), push)]
        {
            assert_eq!(failure.cause, cause, "{status}: {failure}");
            assert!(failure.summary.contains(says) && failure.summary.contains("origin.git"), "{failure}");
        }
    }
}

#[test]
fn a_server_that_breaks_off_or_is_gone_may_come_back() {
    let remote = TestOrigin::with(FILES);
    let server = open(&remote);
    let (one, other) = (clone_with(&server, None, None).unwrap(), clone_with(&server, None, None).unwrap());
    server.answer(Answer::BreaksOff);
    assert_eq!(why(clone_with(&server, None, None)).cause, Cause::CloneFailed);
    assert_eq!(push_work(&one).unwrap_err().cause, Cause::PushFailed);
    let url = server.url("origin.git");
    server.stop();
    let failure = why(clone_at(&url, None, None));
    assert_eq!(failure.cause, Cause::CloneFailed);
    assert!(failure.summary.contains(&url), "{failure}");
    let failure = push_work(&other).unwrap_err();
    assert_eq!(failure.cause, Cause::PushFailed);
    assert!(failure.summary.contains(&url), "{failure}");
}

#[test]
fn a_push_that_the_server_refuses_is_denied() {
    let remote = TestOrigin::with(FILES);
    let room = clone_with(&open(&remote), None, None).unwrap();
    remote.refuse_pushes("protected");
    let failure = push_work(&room).unwrap_err();
    assert_eq!(failure.cause, Cause::PushDenied);
    assert!(failure.summary.contains("refused refs/heads/agent/t: pre-receive hook declined"), "{failure}");
    assert!(remote.tip("agent/t").is_none());
}

#[test]
fn a_branch_that_moved_on_the_server_is_left_as_it_is() {
    let remote = TestOrigin::with(FILES);
    let seen = remote.commit("refs/heads/agent/t", &[("README.md", "before\n")]);
    let server = open(&remote);
    let (first, second) =
        (clone_with(&server, None, None).unwrap(), clone_with(&server, None, None).unwrap());
    push_work(&first).unwrap();
    let now = remote.tip("agent/t").unwrap().id();
    let failure = push_work(&second).unwrap_err();
    assert_eq!(failure.cause, Cause::PushFailed);
    assert!(failure.summary.contains(&format!("it was at {seen}, it is at {now}")), "{failure}");
    assert_eq!(remote.tip("agent/t").unwrap().id(), now);
}

#[test]
fn a_branch_that_appeared_or_vanished_since_the_clone_has_moved_too() {
    let remote = TestOrigin::with(FILES);
    let server = open(&remote);
    let before = clone_with(&server, None, None).unwrap();
    let theirs = remote.commit("refs/heads/agent/t", &[("README.md", "theirs\n")]);
    let failure = push_work(&before).unwrap_err();
    assert!(failure.summary.contains("it was absent") && failure.cause == Cause::PushFailed, "{failure}");
    assert_eq!(remote.tip("agent/t").unwrap().id(), theirs);

    let with = clone_with(&server, None, None).unwrap();
    git(&remote.path(), &["update-ref", "-d", "refs/heads/agent/t"]);
    let failure = push_work(&with).unwrap_err();
    assert!(failure.summary.contains("it is absent") && failure.cause == Cause::PushFailed, "{failure}");
    assert!(remote.tip("agent/t").is_none());
}

#[test]
fn a_branch_that_moves_while_the_push_is_under_way_is_left_as_it_is() {
    let remote = TestOrigin::with(FILES);
    let gate = Gate::default();
    let server = GitServer::start_behind(&gate, remote.path().parent().unwrap(), None);
    let room = clone_with(&server, None, None).unwrap();
    room.write("README.md", "work\n");
    let commit = room.commit();
    // The server has told where its branches are, and the work is on its way.
    let next = gate.passed().len();
    gate.hold(next + 1, Side::Before);
    let theirs = std::thread::scope(|scope| {
        let pushing = scope.spawn(|| push(&room.origin, commit).unwrap_err());
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(gate.holds());
        let theirs = remote.commit("refs/heads/agent/t", &[("README.md", "theirs\n")]);
        gate.open();
        let failure = pushing.join().unwrap();
        assert_eq!(failure.cause, Cause::PushFailed, "{failure}");
        theirs
    });
    assert!(gate.passed()[next + 1].contains("POST /origin.git/git-receive-pack"), "{:?}", gate.passed());
    assert_eq!(remote.tip("agent/t").unwrap().id(), theirs);
}
