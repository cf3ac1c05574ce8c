//! A target, a control plane, and the worker's program between them.

use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command as Decide;
use leviathan_core::executor::{FinalMessage, worker_env as env};
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{AttemptId, ExecutorName, LogId, TargetId, TaskId};
use leviathan_core::log::Head;
use leviathan_core::store::MemoryEventStore;
use leviathan_core::{CompleteOn, Ledger, NewLog, Secret, TargetConfig, TargetPolicy};
use leviathan_http::server::{ApiState, Tokens, router, serve};
use leviathan_local::SystemClock;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::{fs, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

const BACKLOG: &str = "- {id: docs, title: Write the guide, allowed_paths: [docs/], ready: true}\n";
pub(crate) const OPERATOR: &str = "operator-s3cret";
pub(crate) const WORKER: &str = "worker-s3cret";
pub(crate) const GENEROUS: Duration = Duration::from_secs(60);

/// A control plane on a socket, with one attempt open.
pub(crate) struct Api {
    pub(crate) url: String,
    pub(crate) artifacts: Arc<MemoryArtifactStore>,
    pub(crate) attempt: AttemptId,
    pub(crate) head: Head,
}

impl Api {
    pub(crate) async fn start() -> Self {
        let artifacts = Arc::new(MemoryArtifactStore::default());
        let new = NewLog { log_id: LogId::from_u128(7), name: "test".into() };
        let store = Arc::new(MemoryEventStore::default());
        let (ledger, task) = Ledger::open(store, Arc::new(SystemClock), new).await.unwrap();
        tokio::spawn(task.run());
        let attempt = open_attempt(&ledger).await;
        let head = ledger.read(|graph| graph.head());
        let tokens = Tokens::new(vec![Secret::new(OPERATOR)], vec![Secret::new(WORKER)]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = ApiState::new(ledger, artifacts.clone(), tokens);
        tokio::spawn(serve(listener, router(state), std::future::pending()));
        Self { url, artifacts, attempt, head }
    }
}

async fn open_attempt(ledger: &Ledger) -> AttemptId {
    let target = TargetId::new("radix").unwrap();
    let key = TaskKey::new(target.clone(), TaskId::new("docs").unwrap());
    let register = Decide::RegisterTarget(TargetConfig {
        target_id: target.clone(),
        repo_url: "/srv/radix.git".into(),
        default_branch: "main".into(),
        complete_on: CompleteOn::Pushed,
        limits: Default::default(),
        forge: Default::default(),
    });
    let sync = Decide::SyncBacklog {
        target,
        commit: "c0ffee".into(),
        policy: TargetPolicy::default(),
        backlog: Backlog::parse(BACKLOG, "backlog.yaml").unwrap(),
    };
    let executor = ExecutorName::new("test").unwrap();
    let start = Decide::StartAttempt { task: key.clone(), executor, leadership: None };
    for command in [register, sync, start] {
        ledger.submit(command).await.unwrap();
    }
    ledger.read(|graph| graph.task(&key).unwrap().attempts[0].clone())
}

/// A target, and the environment of an attempt at its one task.
pub(crate) struct Room {
    pub(crate) dir: TempDir,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) command: Vec<String>,
}

impl Room {
    pub(crate) fn with(agent: &str) -> Self {
        Self::with_policy("checks: ['cat docs/GUIDE.md']\n", agent)
    }

    pub(crate) fn with_policy(policy: &str, agent: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let seed = dir.path().join("seed");
        fs::create_dir_all(seed.join(".leviathan")).unwrap();
        fs::write(seed.join(".leviathan/backlog.yaml"), BACKLOG).unwrap();
        fs::write(seed.join(".leviathan/policy.yaml"), policy).unwrap();
        git(&seed, &["init", "-q", "-b", "main"]);
        git(&seed, &["add", "-A"]);
        git(&seed, &["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "seed"]);
        git(dir.path(), &["clone", "-q", "--bare", "seed", "origin.git"]);
        let path = |name: &str| dir.path().join(name).display().to_string();
        fs::create_dir(dir.path().join("home")).unwrap();
        let env = [
            (env::TARGET_NAME, "radix".to_owned()),
            (env::TARGET_REPO_URL, path("origin.git")),
            (env::TASK_ID, "docs".to_owned()),
            (env::ATTEMPT_ID, "attempt-1".to_owned()),
            // Nobody listens there.
            (env::CONTROL_PLANE_URL, "http://127.0.0.1:1".to_owned()),
            (env::CONTROL_PLANE_TOKEN, WORKER.to_owned()),
            (env::GITHUB_TOKEN, "github-s3cret".to_owned()),
            (env::AGENT_COMMAND, agent.to_owned()),
            (env::FINAL_MESSAGE, path("final.json")),
            (env::WORKSPACE_DIR, path("workspace")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", path("home")),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { dir, env, command: vec![env!("CARGO_BIN_EXE_leviathan-worker").to_owned()] }
    }

    pub(crate) fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.env.insert(name.to_owned(), value.to_string());
        self
    }

    /// The program is started by this command line.
    pub(crate) fn started_by(self, command: Vec<String>) -> Self {
        Self { command, ..self }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn start(&self) -> Child {
        let mut program = Command::new(&self.command[0]);
        program
            .args(&self.command[1..])
            .env_clear()
            .envs(&self.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        program.kill_on_drop(true).spawn().unwrap()
    }

    /// Runs the program to its end: exit code and what it printed, which never holds a secret.
    pub(crate) async fn run(&self) -> (Option<i32>, String) {
        ended(self.start()).await
    }

    pub(crate) fn final_message(&self) -> FinalMessage {
        FinalMessage::parse(&fs::read(self.path("final.json")).unwrap()).unwrap()
    }
}

pub(crate) async fn ended(program: Child) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        tokio::time::timeout(GENEROUS, program.wait_with_output()).await.expect("it ended").unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), "");
    assert!(!said.contains("s3cret"), "{said}");
    (status.code(), said)
}

pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        // Whoever a worker ran as.
        .args(["-c", "safe.directory=*"])
        .current_dir(dir)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GENEROUS, wait).await.expect("it came to pass");
}
