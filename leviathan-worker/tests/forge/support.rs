//! A repository, its forge, and a time that is skipped instead of waited for.

use futures::FutureExt;
use futures::future::BoxFuture;
use leviathan_core::{Clock, Secret, Timestamp};
use leviathan_test_forge::FakeGitHub;
use leviathan_worker::forge::{Forge, ForgeError, GitHub, OpenPullRequest, PullRequestDraft};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "gh-s3cret";

/// A time that passes only where somebody waits for it, and then at once.
#[derive(Debug, Clone)]
pub(crate) struct SkippingClock(Arc<Mutex<(Timestamp, Vec<Duration>)>>);

impl SkippingClock {
    pub(crate) fn new() -> Self {
        let start = leviathan_core::parse_timestamp("2026-01-24T10:00:00Z").unwrap();
        Self(Arc::new(Mutex::new((start, Vec::new()))))
    }

    /// Every wait so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.0.lock().unwrap().0 += duration;
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.pass(duration);
        self.0.lock().unwrap().1.push(duration);
        tokio::task::yield_now().boxed()
    }
}

/// The repository acme/radix with a branch `main`, and its forge.
pub(crate) struct Room {
    _dir: TempDir,
    pub(crate) forge: FakeGitHub,
    pub(crate) github: GitHub,
    pub(crate) clock: SkippingClock,
    repo_url: String,
}

impl Room {
    /// With a commit of its own on each of these branches.
    pub(crate) fn with(branches: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repo = dir.path().join("acme/radix.git");
        std::fs::create_dir_all(&repo).unwrap();
        git(&repo, &["init", "--quiet", "--bare", "--initial-branch=main"]);
        let tree = git(&repo, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let first = git(&repo, &["commit-tree", &tree, "-m", "Begin"]);
        git(&repo, &["update-ref", "refs/heads/main", &first]);
        let forge = FakeGitHub::start("acme", "radix", &repo, TOKEN);
        let clock = SkippingClock::new();
        let repo_url = repo.display().to_string();
        let github = github(&forge.url(), &repo_url, TOKEN, &clock).unwrap();
        let room = Self { _dir: dir, forge, github, clock, repo_url };
        branches.iter().for_each(|branch| room.commit(branch));
        room
    }

    /// Puts a commit onto a branch, a new one on top of `main`.
    pub(crate) fn commit(&self, branch: &str) {
        let repo = Path::new(&self.repo_url);
        let reference = format!("refs/heads/{branch}");
        let known = !git(repo, &["for-each-ref", &reference]).is_empty();
        let parent = git(repo, &["rev-parse", if known { &reference } else { "refs/heads/main" }]);
        let tree = git(repo, &["rev-parse", &format!("{parent}^{{tree}}")]);
        let commit = git(repo, &["commit-tree", &tree, "-p", &parent, "-m", "Work"]);
        git(repo, &["update-ref", &reference, &commit]);
    }

    pub(crate) fn tip(&self, branch: &str) -> String {
        git(Path::new(&self.repo_url), &["rev-parse", branch])
    }

    pub(crate) fn client(&self, token: &str) -> GitHub {
        github(&self.forge.url(), &self.repo_url, token, &self.clock).unwrap()
    }

    /// So many seconds from now.
    pub(crate) fn within(&self, seconds: u64) -> Timestamp {
        self.clock.now() + Duration::from_secs(seconds)
    }

    pub(crate) async fn propose(&self, branch: &str, title: &str) -> Result<OpenPullRequest, ForgeError> {
        self.github.propose(&draft(branch, title), self.within(120)).await
    }
}

impl Drop for Room {
    /// Whatever a test is about: every request was one that the API wants.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.forge.violations(), [""; 0]);
        }
    }
}

pub(crate) fn github(
    api_url: &str,
    repo_url: &str,
    token: &str,
    clock: &SkippingClock,
) -> Result<GitHub, ForgeError> {
    GitHub::new(api_url, repo_url, Secret::new(token), Arc::new(clock.clone()))
}

pub(crate) fn draft(branch: &str, title: &str) -> PullRequestDraft {
    PullRequestDraft {
        head: branch.to_owned(),
        base: "main".to_owned(),
        title: title.to_owned(),
        body: format!("about {title}"),
    }
}

fn git(repo: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(repo).args(arguments);
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "Test").env(format!("GIT_{who}_EMAIL"), "test@leviathan.invalid");
    }
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
