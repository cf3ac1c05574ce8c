//! The git half against real repositories.

mod over_http;

use super::*;
use crate::Failure;
use crate::testing::TestOrigin;
use git2::{Oid, Repository};
use leviathan_core::executor::Cause;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::policy::{Change, ChangeKind, TreeEntry};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

struct Room {
    dir: TempDir,
    origin: Origin,
}

fn clone(url: &str, commit: Option<&str>) -> Result<Room, Failure> {
    let dir = tempfile::tempdir().unwrap();
    let remote = Remote::new(url, None)?;
    let origin =
        Origin::clone_from(remote, dir.path().join("origin.git"), "main", commit, "agent/t".to_owned())?;
    Ok(Room { dir, origin })
}

impl Room {
    fn of(remote: &TestOrigin) -> Self {
        let room = clone(&remote.url(), None).unwrap();
        check_out(&room.origin, &room.checkout()).unwrap();
        room
    }

    fn checkout(&self) -> std::path::PathBuf {
        self.dir.path().join("checkout")
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.checkout().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::take(&self.origin, &self.checkout()).unwrap()
    }

    fn paths(&self, tree: Oid) -> Vec<String> {
        let repository = self.origin.open().unwrap();
        let mut paths = Vec::new();
        let walk = |root: &str, entry: &git2::TreeEntry<'_>| {
            if entry.kind() != Some(git2::ObjectType::Tree) {
                paths.push(format!("{root}{}", String::from_utf8_lossy(entry.name_bytes())));
            }
            git2::TreeWalkResult::Ok
        };
        repository.find_tree(tree).unwrap().walk(git2::TreeWalkMode::PreOrder, walk).unwrap();
        paths
    }

    fn commit(&self) -> Oid {
        let message = CommitMessage {
            title: "Work",
            target: &TargetId::new("radix").unwrap(),
            task: &TaskId::new("t").unwrap(),
            attempt: &AttemptId::new("attempt-1").unwrap(),
            log_head: None,
        };
        commit(&self.origin, self.snapshot().tree, &message.text()).unwrap()
    }
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(dir).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

const FILES: &[(&str, &str)] =
    &[("README.md", "hello\n"), ("src/lib.rs", "fn a() {}\n"), (".gitignore", "/out\n")];

#[test]
fn the_checkout_holds_the_base_with_one_commit_and_no_remote() {
    let room = Room::of(&TestOrigin::with(FILES));
    assert_eq!(git(&room.checkout(), &["log", "--format=%s"]), "base\n");
    assert_eq!(git(&room.checkout(), &["status", "--porcelain"]), "");
    assert_eq!(git(&room.checkout(), &["remote"]), "");
    assert_eq!(fs::read_to_string(room.checkout().join("src/lib.rs")).unwrap(), "fn a() {}\n");
    room.write("README.md", "bye\n");
    assert!(git(&room.checkout(), &["diff"]).contains("+bye"));
}

#[test]
fn an_untouched_checkout_gives_the_base_tree_though_ignored_files_are_part_of_it() {
    let files = [FILES, &[("out/tracked", "x"), ("run.sh", "#!/bin/sh\n")]].concat();
    let room = Room::of(&TestOrigin::with(&files));
    let base = room.origin.open().unwrap().find_commit(room.origin.base()).unwrap().tree_id();
    assert_eq!(room.snapshot(), Snapshot { tree: base, refused: vec![] });
}

#[test]
fn work_is_read_at_the_base_commit_even_when_the_branch_went_on() {
    let remote = TestOrigin::with(FILES);
    let first = remote.tip("main").unwrap().id();
    remote.commit("refs/heads/main", &[("README.md", "newer\n")]);
    let room = clone(&remote.url(), Some(&first.to_string())).unwrap();
    assert_eq!(room.origin.read("README.md").unwrap().unwrap(), b"hello\n");
    assert_eq!(room.origin.read("absent/file").unwrap(), None);
    let tip = clone(&remote.url(), None).unwrap();
    assert_eq!(tip.origin.read("README.md").unwrap().unwrap(), b"newer\n");
}

#[test]
fn what_cannot_be_cloned_says_why() {
    let remote = TestOrigin::with(FILES);
    let cause = |url: &str, commit| clone(url, commit).map(|_| ()).unwrap_err();
    assert_eq!(cause("/nowhere/x.git", None).cause, Cause::CloneFailed);
    assert!(cause("/nowhere/x.git", None).summary.contains("/nowhere/x.git"));
    let absent = "1".repeat(40);
    assert_eq!(cause(&remote.url(), Some(&absent)).cause, Cause::CloneFailed);
    assert_eq!(cause(&remote.url(), Some("main")).cause, Cause::ConfigError);
    let other = TestOrigin::with(FILES);
    other.repository().find_branch("main", git2::BranchType::Local).unwrap().rename("trunk", true).unwrap();
    let failure = cause(&other.url(), None);
    assert_eq!(failure.cause, Cause::ConfigError);
    assert!(failure.summary.contains("no branch main"), "{failure}");
}

#[test]
fn the_tree_holds_what_was_added_changed_moved_and_removed_but_nothing_ignored() {
    let room = Room::of(&TestOrigin::with(FILES));
    room.write("docs/GUIDE.md", "new\n");
    room.write("out/built", "big\n");
    fs::remove_file(room.checkout().join("README.md")).unwrap();
    fs::rename(room.checkout().join("src/lib.rs"), room.checkout().join("src/main.rs")).unwrap();
    symlink("/etc/passwd", room.checkout().join("link")).unwrap();
    let snapshot = room.snapshot();
    assert_eq!(room.paths(snapshot.tree), [".gitignore", "docs/GUIDE.md", "link", "src/main.rs"]);
    assert_eq!(snapshot.refused, []);
}

#[test]
fn the_checkouts_own_repository_has_no_say() {
    let room = Room::of(&TestOrigin::with(FILES));
    let dir = room.checkout();
    room.write("README.md", "work\n");
    fs::write(dir.join(".git/info/exclude"), "*\n").unwrap();
    fs::write(
        dir.join(".git/config"),
        "[core]\n\tworktree = /\n\tautocrlf = true\n[filter \"x\"]\n\tclean = touch /tmp/x\n[url \"http://evil/\"]\n\tinsteadOf = /\n",
    )
    .unwrap();
    fs::write(dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n").unwrap();
    let with_config = room.snapshot();
    assert!(room.paths(with_config.tree).contains(&"README.md".to_owned()));
    fs::remove_dir_all(dir.join(".git")).unwrap();
    assert_eq!(room.snapshot(), with_config);
}

#[test]
fn a_nested_repository_is_refused_and_named() {
    let room = Room::of(&TestOrigin::with(FILES));
    for (name, with_commit) in [("empty", false), ("full", true)] {
        let nested = Repository::init(room.checkout().join(name)).unwrap();
        fs::write(room.checkout().join(name).join("secret"), "x").unwrap();
        if with_commit {
            let tree = nested.find_tree(nested.index().unwrap().write_tree().unwrap()).unwrap();
            let author = git2::Signature::now("a", "b").unwrap();
            nested.commit(Some("HEAD"), &author, &author, "c", &tree, &[]).unwrap();
        }
    }
    fs::create_dir_all(room.checkout().join("bare-dot-git/.git")).unwrap();
    fs::write(room.checkout().join("bare-dot-git/hidden"), "x").unwrap();
    let snapshot = room.snapshot();
    let mut refused: Vec<_> = snapshot.refused.iter().map(|(path, _)| path.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["bare-dot-git/", "empty/", "full/"]);
    assert_eq!(room.paths(snapshot.tree).len(), FILES.len());
}

#[test]
fn a_checkout_that_was_swapped_for_a_link_is_refused() {
    let room = Room::of(&TestOrigin::with(FILES));
    fs::rename(room.checkout(), room.dir.path().join("elsewhere")).unwrap();
    symlink("/", room.checkout()).unwrap();
    let failure = Snapshot::take(&room.origin, &room.checkout()).unwrap_err();
    assert_eq!(failure.cause, Cause::PolicyViolation);
}

#[test]
fn the_patch_shows_the_work_and_is_cut_at_its_limit() {
    let room = Room::of(&TestOrigin::with(FILES));
    room.write("README.md", &"many lines\n".repeat(1000));
    let tree = room.snapshot().tree;
    let whole = String::from_utf8(patch(&room.origin, tree, 1 << 20).unwrap()).unwrap();
    assert!(whole.contains("-hello\n") && whole.contains("+many lines\n"), "{whole}");
    let cut = String::from_utf8(patch(&room.origin, tree, 1000).unwrap()).unwrap();
    assert!(cut.len() < 1100 && cut.contains("cut here"), "{cut}");
}

#[test]
fn a_push_makes_the_branch_and_the_next_one_replaces_what_its_clone_saw() {
    let remote = TestOrigin::with(FILES);
    for content in ["one\n", "two\n"] {
        let room = Room::of(&remote);
        room.write("README.md", content);
        push(&room.origin, room.commit()).unwrap();
        assert_eq!(remote.file("agent/t", "README.md").as_deref(), Some(content));
        assert_eq!(remote.tip("agent/t").unwrap().parent_id(0).unwrap(), remote.tip("main").unwrap().id());
    }
    assert_eq!(git(&remote.path(), &["fsck", "--strict", "--no-dangling"]), "");
}

#[test]
fn a_branch_that_moved_since_the_clone_is_left_as_it_is() {
    let remote = TestOrigin::with(FILES);
    let room = Room::of(&remote);
    room.write("README.md", "mine\n");
    let theirs = remote.commit("refs/heads/agent/t", &[("README.md", "theirs\n")]);
    let failure = push(&room.origin, room.commit()).unwrap_err();
    assert_eq!(failure.cause, Cause::PushFailed);
    assert!(failure.summary.contains("moved since the clone: it was absent"), "{failure}");
    assert_eq!(remote.tip("agent/t").unwrap().id(), theirs);
}

#[test]
fn a_repository_with_a_work_tree_takes_a_push_but_not_into_what_is_checked_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    git(path, &["init", "-q", "-b", "main"]);
    fs::write(path.join("README.md"), "hello\n").unwrap();
    git(path, &["add", "."]);
    git(path, &["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "c"]);
    let work = || {
        let room = clone(&path.display().to_string(), None).unwrap();
        check_out(&room.origin, &room.checkout()).unwrap();
        room.write("README.md", "work\n");
        push(&room.origin, room.commit())
    };
    work().unwrap();
    assert_eq!(git(path, &["show", "agent/t:README.md"]), "work\n");
    git(path, &["checkout", "-q", "agent/t"]);
    assert_eq!(work().unwrap_err().cause, Cause::PushDenied);
}

#[test]
fn what_our_own_commands_leave_is_no_work_unless_the_agent_goes_on_from_it() {
    let room = Room::of(&TestOrigin::with(FILES));
    let base = room.snapshot();
    // As a setup would: a new file, a changed one, a removed one, a repository.
    room.write("deps/list", "made by setup\n");
    room.write("README.md", "formatted\n");
    fs::remove_file(room.checkout().join("src/lib.rs")).unwrap();
    Repository::init(room.checkout().join("vendor")).unwrap();
    let mut litter = Litter::default();
    litter.note(&room.origin, base.tree, &room.snapshot()).unwrap();
    assert_eq!(litter.leave_out(&room.origin, &room.snapshot()).unwrap(), base);

    room.write("README.md", "the agent's\n");
    room.write("new", "the agent's\n");
    let work = litter.leave_out(&room.origin, &room.snapshot()).unwrap();
    assert_eq!(room.paths(work.tree), [".gitignore", "README.md", "new", "src/lib.rs"]);
    let repository = room.origin.open().unwrap();
    let readme = repository.find_tree(work.tree).unwrap().get_name("README.md").unwrap().id();
    assert_eq!(repository.find_blob(readme).unwrap().content(), b"the agent's\n");
}

#[test]
fn every_way_a_path_can_differ_reaches_the_policy() {
    let room = Room::of(&TestOrigin::with(&[
        ("mode", "#!/bin/sh\n"),
        ("gone", "gone\n"),
        ("moved", "a file that is long enough to be recognised\n"),
        ("type", "text\n"),
        ("text", "old\n"),
    ]));
    let dir = room.checkout();
    fs::set_permissions(dir.join("mode"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(dir.join("gone")).unwrap();
    fs::rename(dir.join("moved"), dir.join("there")).unwrap();
    fs::remove_file(dir.join("type")).unwrap();
    symlink("../outside", dir.join("type")).unwrap();
    room.write("text", "newer\n");
    room.write("added\nname", "x");
    let found = changes(&room.origin, room.snapshot().tree).unwrap();
    let change = |path: &str, old: Option<&str>, kind, entry, size| Change {
        path: path.into(),
        old_path: old.map(Into::into),
        kind,
        entry,
        size,
    };
    let link = TreeEntry::Symlink { target: b"../outside".to_vec() };
    let expected = [
        change("added\nname", None, ChangeKind::Added, TreeEntry::File, 1),
        change("gone", None, ChangeKind::Deleted, TreeEntry::File, 0),
        change("mode", None, ChangeKind::ModeChanged, TreeEntry::Executable, 10),
        change("text", None, ChangeKind::Modified, TreeEntry::File, 6),
        change("there", Some("moved"), ChangeKind::Renamed, TreeEntry::File, 44),
        change("type", None, ChangeKind::TypeChanged, link, 10),
    ];
    let mut found = found;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(found, expected);
}
