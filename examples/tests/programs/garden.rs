//! The demo's garden on a forge: its backlog, checks and agent, over git's own smart HTTP, with a pull request for each
//! task, and workers that die on the way.

use crate::host::Host;
use crate::processes::{Victim, kill};
use crate::program::program;
use crate::repository::Repository;
use leviathan_test_forge::{FakeGitHub, FakePull, Gate, GitServer, Side};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const FILES: [(&str, &str); 4] = [
    ("README.md", include_str!("../../host/demo/README.md")),
    ("checks.sh", include_str!("../../host/demo/checks.sh")),
    (".leviathan/backlog.yaml", include_str!("../../host/demo/backlog.yaml")),
    (".leviathan/policy.yaml", include_str!("../../host/demo/policy.yaml")),
];
const AGENT: &str = include_str!("../../host/demo/agent.sh");
const TOKEN: &str = "gh-s3cret";
/// As git writes it into its header.
const TOKEN_IN_BASIC: &str = "Z2gtczNjcmV0";
const PATIENCE: Duration = Duration::from_secs(120);

struct Garden {
    dir: TempDir,
    gate: Gate,
    repository: Repository,
    forge: FakeGitHub,
    _git: GitServer,
}

impl Garden {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::make(dir.path(), &FILES);
        let path = PathBuf::from(repository.path());
        let gate = Gate::default();
        let root = path.parent().unwrap();
        let git = GitServer::start_behind(&gate, root.parent().unwrap(), Some(TOKEN));
        let owner = root.file_name().unwrap().to_str().unwrap();
        let forge = FakeGitHub::start_behind(&gate, owner, "origin", &path, TOKEN);
        let file = format!(
            "name: garden\nrepo_url: {}\ncomplete_on: merged\nforge: {{kind: github, api_url: '{}'}}\n",
            git.url(&format!("{owner}/origin.git")),
            forge.url()
        );
        std::fs::create_dir(dir.path().join("targets")).unwrap();
        std::fs::write(dir.path().join("targets/garden.yaml"), file).unwrap();
        Self { dir, gate, repository, forge, _git: git }
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join(".leviathan/garden")
    }

    fn host(&self) -> Host {
        let mut command = Command::new(program("scheduler"));
        command
            .current_dir(self.dir.path())
            .args([
                "--target",
                "garden",
                "--max-running",
                "1",
                "--export",
                "log.ndjson",
                "--agent-command",
                AGENT,
            ])
            .env("GITHUB_TOKEN", TOKEN)
            .env_remove("LEVIATHAN_AGENT_ENV")
            .env_remove("LEVIATHAN_API_PORT");
        Host::start(command)
    }

    /// Lets a host work until nothing can be done; what it printed. The token is nowhere in that, nor in what it left.
    fn finish(&self, host: Host) -> String {
        let (status, printed) = host.finish();
        assert!(status.success(), "{printed}");
        for form in [TOKEN, TOKEN_IN_BASIC] {
            assert!(!printed.contains(form));
            let found = Command::new("grep").args(["-rlF", form]).arg(self.dir.path()).output().unwrap();
            assert_eq!(String::from_utf8(found.stdout).unwrap(), "");
        }
        assert_eq!(self.forge.violations(), [""; 0]);
        printed
    }

    /// Kills an attempt behind the next request that begins with these words: it is done, and nobody knows.
    fn kill_behind(&self, request: &str, victim: Victim) {
        self.gate.hold_next(request, Side::After);
        let held = async { tokio::time::timeout(PATIENCE, self.gate.holds()).await };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(held).expect("it is asked for");
        kill(&self.state(), victim);
    }

    fn pull_of(&self, task: &str) -> FakePull {
        let mut pulls = self.forge.pulls();
        pulls.retain(|pull| pull.head == format!("agent/{task}"));
        assert_eq!(pulls.len(), 1, "{task} has one pull request: {pulls:?}");
        pulls.remove(0)
    }

    fn tip(&self, branch: &str) -> String {
        self.repository.git(&["rev-parse", branch]).trim().to_owned()
    }

    fn file(&self, branch: &str, path: &str) -> String {
        self.repository.git(&["show", &format!("{branch}:{path}")])
    }
}

#[test]
fn a_task_goes_through_repair_and_two_deaths_to_one_pull_request_whose_merge_starts_the_next() {
    let garden = Garden::new();
    let host = garden.host();
    // The greeting is pushed, and supervisor and worker die before they know.
    garden.kill_behind(&push_of(&garden), Victim::All);
    let first_greeting = garden.tip("agent/greeting");
    // While it waits to be tried again, the poem is repaired and proposed, and its worker dies before it knows.
    garden.kill_behind("forge POST", Victim::Worker);
    let first_poem = garden.pull_of("poem");
    let printed = garden.finish(host);

    let greeting = garden.pull_of("greeting");
    assert_eq!(greeting.head_sha, garden.tip("agent/greeting"), "{printed}");
    assert_ne!(greeting.head_sha, first_greeting, "the second attempt replaced the branch");

    let poem = garden.pull_of("poem");
    assert_eq!((poem.number, &poem.head_sha), (first_poem.number, &garden.tip("agent/poem")), "{printed}");
    assert_ne!(poem.head_sha, first_poem.head_sha, "the second attempt replaced the branch");
    assert_ne!(poem.body, first_poem.body);
    assert!(
        poem.body.contains(&poem.head_sha) && poem.body.contains("all passed in round 2"),
        "{}",
        poem.body
    );
    assert_eq!(garden.file("agent/poem", "poem.txt").lines().count(), 4, "the check's complaint was heard");
    // What breaks the policy, or never passes its checks, is proposed to nobody.
    assert_eq!(garden.repository.branches(), ["agent/greeting", "agent/poem", "main"], "{printed}");
    assert_eq!(garden.forge.pulls().len(), 2);

    garden.forge.merge(greeting.number);
    let printed = garden.finish(garden.host());
    assert!(printed.contains(&format!("pull request #{} was merged", greeting.number)), "{printed}");
    let farewell = garden.pull_of("farewell");
    let base = garden.repository.git(&["merge-base", "agent/farewell", "main"]);
    assert_eq!(base.trim(), garden.tip("main"), "it starts from what was merged");
    assert_eq!(garden.file("agent/farewell", "greeting.txt"), garden.file("main", "greeting.txt"));

    garden.forge.merge(poem.number);
    garden.forge.merge(farewell.number);
    garden.finish(garden.host());
    assert_eq!(garden.pull_of("guide").head_sha, garden.tip("agent/guide"));
    assert_eq!(garden.forge.pulls().len(), 4);
    told_once(&garden.dir.path().join("log.ndjson"));
}

/// How the request of a push begins: the one that carries it, and not the one that asks where the branches are.
fn push_of(garden: &Garden) -> String {
    let path = PathBuf::from(garden.repository.path());
    let owner = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    format!("git POST /{owner}/origin.git/git-receive-pack")
}

/// Each event of a log has its own id.
fn told_once(log: &Path) {
    let text = std::fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut ids: Vec<String> =
        lines.map(|line| line["body"]["event_id"].as_str().unwrap().to_owned()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}
