//! The git half against a server.

use super::*;
use crate::testing::{Answer, GitServer, TOKEN, refuse_pushes};
use leviathan_core::Secret;

fn serve(remote: &TestOrigin, answer: Answer) -> GitServer {
    GitServer::start(remote.path().parent().unwrap(), answer)
}

fn clone_with(server: &GitServer, token: Option<&str>, commit: Option<&str>) -> Result<Room, Failure> {
    let dir = tempfile::tempdir().unwrap();
    let remote = Remote::new(&server.url("origin.git"), token.map(Secret::new))?;
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

#[test]
fn a_shallow_clone_pushes_its_work_and_leaves_the_token_nowhere() {
    let remote = TestOrigin::with(FILES);
    remote.commit("refs/heads/main", &[("README.md", "second\n")]);
    let server = serve(&remote, Answer::WithToken);
    let room = clone_with(&server, Some(TOKEN), None).unwrap();
    assert!(room.origin.open().unwrap().is_shallow());
    push_work(&room).unwrap();
    assert_eq!(remote.file("agent/t", "README.md").as_deref(), Some("work\n"));
    assert_eq!(git(&remote.path(), &["fsck", "--strict", "--no-dangling"]), "");
    let found = Command::new("grep").args(["-rl", TOKEN]).arg(room.dir.path()).output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap(), "");
}

#[test]
fn a_base_behind_the_tip_is_found_in_a_shallow_clone() {
    let remote = TestOrigin::with(FILES);
    let first = remote.tip("main").unwrap().id().to_string();
    remote.commit("refs/heads/main", &[("README.md", "second\n")]);
    let room = clone_with(&serve(&remote, Answer::Open), None, Some(&first)).unwrap();
    assert_eq!(room.origin.read("README.md").unwrap().unwrap(), b"hello\n");
    push_work(&room).unwrap();
}

#[test]
fn a_token_that_is_not_taken_is_offered_once_and_never_shown() {
    let remote = TestOrigin::with(FILES);
    let server = serve(&remote, Answer::WithToken);
    let failure = clone_with(&server, Some("wr0ng-s3cret"), None).map(|_| ()).unwrap_err();
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("does not take the token") && !failure.summary.contains("s3cret"));
    assert_eq!(server.authorizations().iter().flatten().count(), 1);
    let failure = clone_with(&server, None, None).map(|_| ()).unwrap_err();
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("GITHUB_TOKEN"), "{failure}");
}

#[test]
fn the_token_does_not_follow_a_redirect() {
    let remote = TestOrigin::with(FILES);
    let elsewhere = serve(&remote, Answer::WithToken);
    let redirected = |host: &str| {
        let to = elsewhere.url("").trim_end_matches('/').replace("127.0.0.1", host);
        clone_with(&serve(&remote, Answer::Redirect(to)), Some(TOKEN), None).map(|_| ()).unwrap_err()
    };
    assert_eq!(redirected("localhost").cause, Cause::CloneFailed);
    assert_eq!(elsewhere.authorizations(), []);
    // libgit2 takes another port of the same host for the same place; there it gets no token.
    let failure = redirected("127.0.0.1");
    assert_eq!(failure.cause, Cause::CloneDenied);
    assert!(failure.summary.contains("another server"), "{failure}");
    assert_eq!(elsewhere.authorizations(), [None]);
}

#[test]
fn a_server_that_says_no_is_told_from_one_that_has_nothing() {
    let remote = TestOrigin::with(FILES);
    let cause = |status| {
        clone_with(&serve(&remote, Answer::Status(status)), None, None).map(|_| ()).unwrap_err().cause
    };
    assert_eq!(
        (cause(403), cause(404), cause(500)),
        (Cause::CloneDenied, Cause::CloneFailed, Cause::CloneFailed)
    );
}

#[test]
fn a_push_that_the_server_refuses_is_denied() {
    let remote = TestOrigin::with(FILES);
    let room = clone_with(&serve(&remote, Answer::Open), None, None).unwrap();
    refuse_pushes(&remote.path(), "protected");
    let failure = push_work(&room).unwrap_err();
    assert_eq!(failure.cause, Cause::PushDenied);
    assert!(failure.summary.contains("refused refs/heads/agent/t: pre-receive hook declined"), "{failure}");
    assert!(remote.tip("agent/t").is_none());
}

#[test]
fn a_branch_that_moved_on_the_server_is_left_as_it_is() {
    let remote = TestOrigin::with(FILES);
    let seen = remote.commit("refs/heads/agent/t", &[("README.md", "before\n")]);
    let server = serve(&remote, Answer::Open);
    let (first, second) =
        (clone_with(&server, None, None).unwrap(), clone_with(&server, None, None).unwrap());
    push_work(&first).unwrap();
    let now = remote.tip("agent/t").unwrap().id();
    let failure = push_work(&second).unwrap_err();
    assert_eq!(failure.cause, Cause::PushFailed);
    assert!(failure.summary.contains(&format!("it was at {seen}, it is at {now}")), "{failure}");
    assert_eq!(remote.tip("agent/t").unwrap().id(), now);
}
