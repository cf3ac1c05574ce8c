//! The host with a forge: a pull request at the end of each task, and what follows from what people do with it.

use crate::program::program;
use crate::repository::Repository;
use leviathan_test_forge::{FakeGitHub, Fault, PullState};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const AGENT: &str = "echo \"about $TASK_ID\" > \"docs/$TASK_ID.md\"";
const TOKEN: &str = "gh-s3cret";

/// A repository with two tasks, the second after the first, its forge, and a target file that names it.
struct Room {
    dir: TempDir,
    repository: Repository,
    forge: FakeGitHub,
}

impl Room {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::small(dir.path());
        let path = repository.path();
        let owner = Path::new(&path).parent().unwrap().file_name().unwrap().to_str().unwrap();
        let forge = FakeGitHub::start(owner, "origin", Path::new(&path), TOKEN);
        std::fs::create_dir(dir.path().join("targets")).unwrap();
        let file = format!(
            "name: radix\nrepo_url: {path}\ncomplete_on: merged\nforge: {{kind: github, api_url: '{}'}}\n",
            forge.url()
        );
        std::fs::write(dir.path().join("targets/radix.yaml"), file).unwrap();
        Self { dir, repository, forge }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program("scheduler"));
        command
            .current_dir(self.dir.path())
            .args(["--target", "radix", "--export", "log.ndjson"])
            .env("LEVIATHAN_AGENT_COMMAND", AGENT)
            .env("GITHUB_TOKEN", TOKEN)
            .env_remove("LEVIATHAN_API_PORT");
        command
    }

    /// Runs the host until nothing can be done; what it printed. No secret is in that, nor in the log.
    #[track_caller]
    fn run(&self) -> String {
        let output = self.command().output().expect("the host runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}{error}");
        let log = std::fs::read_to_string(self.dir.path().join("log.ndjson")).unwrap();
        assert!(!format!("{printed}{error}{log}").contains("s3cret"));
        assert_eq!(self.forge.violations(), [""; 0]);
        printed
    }

    fn numbers(&self) -> Vec<u64> {
        self.forge.pulls().iter().map(|pull| pull.number).collect()
    }
}

#[test]
fn merging_on_the_forge_starts_the_task_that_waited_for_it() {
    let room = Room::new();
    let printed = room.run();
    assert_eq!(room.repository.branches(), ["agent/first", "main"], "{printed}");
    assert!(
        printed.contains("waits for #7 to be merged") && printed.contains("waits for first"),
        "{printed}"
    );
    let pull = room.forge.pull(7);
    assert_eq!(pull.title, "Leviathan: Describe the first");
    assert_eq!(pull.head_sha, room.repository.git(&["rev-parse", "agent/first"]).trim());

    room.run();
    assert_eq!((room.repository.branches().len(), room.numbers()), (2, vec![7]), "it was merged by nobody");
    receipt_holds(&room);

    room.forge.merge(7);
    let printed = room.run();
    assert!(printed.contains("pull request #7 was merged"), "{printed}");
    assert_eq!(room.repository.branches(), ["agent/first", "agent/second", "main"], "{printed}");
    let base = room.repository.git(&["merge-base", "agent/second", "main"]);
    assert_eq!(base, room.repository.git(&["rev-parse", "main"]), "it starts from what was merged");
    assert_eq!(room.numbers(), [7, 9]);
}

/// Anybody's clone shows that the policy was kept; a clone shows too what a receipt says wrongly.
fn receipt_holds(room: &Room) {
    let clone = room.dir.path().join("somebodys");
    let cloned = Command::new("git").args(["clone", "-q", &room.repository.path()]).arg(&clone).status();
    assert!(cloned.unwrap().success());
    let log = std::fs::read_to_string(room.dir.path().join("log.ndjson")).unwrap();
    let verify = |lines: &str, more: &[&str]| {
        let file = room.dir.path().join("lines.ndjson");
        std::fs::write(&file, lines).unwrap();
        let mut verify = Command::new(program("verify"));
        verify.arg(&file).args(["--receipt", "--repo"]).arg(&clone).args(more);
        let output = verify.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    let (code, said) = verify(&log, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("allowed tree") && said.contains("1 receipts hold, 0 do not"), "{said}");

    let line = log.lines().find(|line| line.contains("policy.receipt")).unwrap();
    let body = &line[line.find("\"body\":").unwrap() + 7..line.len() - 1];
    assert_eq!(verify(body, &[]).0, Some(0), "one event is enough");
    let (code, said) = verify(&body.replace("docs/first.md", "docs/other.md"), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("changed_paths: the receipt says docs/other.md, the repository docs/first.md"),
        "{said}"
    );
    let (code, said) = verify(&body.replace("\"allowed\"", "\"refused\""), &[]);
    assert!(code == Some(1) && said.contains("verdict: the receipt says refused"), "{said}");
    let (code, said) = verify(body, &["--attempt", "another"]);
    assert!(code == Some(1) && said.contains("0 receipts hold"), "{said}");
    // Without the branch a clone can't say.
    for args in [&["update-ref", "-d", "refs/remotes/origin/agent/first"][..], &["gc", "-q", "--prune=now"]] {
        assert!(Command::new("git").arg("-C").arg(&clone).args(args).status().unwrap().success());
    }
    let (code, said) = verify(body, &[]);
    assert!(code == Some(1) && said.contains("fetch the branch"), "{said}");
}

#[test]
fn closing_it_blocks_the_task_and_all_that_waits_for_it() {
    let room = Room::new();
    room.run();
    room.forge.settle(7, PullState::Closed);
    let printed = room.run();
    assert!(printed.contains("waits for a person: pull request #7 was closed"), "{printed}");
    assert!(printed.contains("waits for first"), "{printed}");
    assert_eq!((room.repository.branches().len(), room.numbers()), (2, vec![7]));
}

#[test]
fn nothing_starts_while_the_forge_does_not_answer() {
    let room = Room::new();
    room.forge.fail_always(Some(Fault::status(401, "Bad credentials")));
    let printed = room.run();
    assert!(printed.contains("starts nothing until its forge answers"), "{printed}");
    assert!(
        printed.contains("the forge has not answered since") && printed.contains("Bad credentials"),
        "{printed}"
    );
    assert_eq!(room.repository.branches(), ["main"]);
    room.forge.fail_always(None);
    assert!(room.run().contains("its forge answers"));
    assert_eq!(room.repository.branches(), ["agent/first", "main"]);
}

#[test]
fn a_forge_without_a_token_is_told_before_anything_begins() {
    let room = Room::new();
    let output = room.command().env_remove("GITHUB_TOKEN").output().expect("the host runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("GITHUB_TOKEN") && error.contains("kind: none"), "{error}");
    assert!(room.forge.requests().is_empty());
}
