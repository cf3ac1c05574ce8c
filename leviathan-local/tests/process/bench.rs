//! `Bench`: a state directory, and executors on it whose supervisors are this test binary.

use crate::witness::PATIENCE;
use futures::StreamExt;
use futures::stream::BoxStream;
use leviathan_core::Secret;
use leviathan_core::artifact::{ArtifactRef, ArtifactStore, MemoryArtifactStore, artifact_bytes};
use leviathan_core::executor::{AttemptSpec, End, Executor, ExecutorError, Observation, Phase};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::Head;
use leviathan_local::executor::{ProcessExecutor, ProcessExecutorConfig, supervise};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::time::timeout;

/// The head that attempts are launched with.
pub(crate) const CREATED: Head = Head::EMPTY;

pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) artifacts: Arc<MemoryArtifactStore>,
}

pub(crate) type Watch = BoxStream<'static, Result<Observation, ExecutorError>>;

impl Bench {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), artifacts: Arc::default() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.path("state")
    }

    /// Workers run `script`; `$BENCH` is the bench's directory, `$WITNESS` a place for a witness in it.
    pub(crate) fn config(&self, script: &str) -> ProcessExecutorConfig {
        let mut config = ProcessExecutorConfig::new(
            self.state_dir(),
            this_test("bench::supervisor_process"),
            ["sh", "-c", script].map(Into::into).into(),
            Arc::clone(&self.artifacts) as Arc<dyn ArtifactStore>,
            "http://127.0.0.1:8000",
            Secret::new("token-of-the-control-plane"),
        );
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        config.env = BTreeMap::from([
            ("BENCH".into(), text(self.dir.path().to_owned())),
            ("WITNESS".into(), text(self.path("witness"))),
        ]);
        config
    }

    pub(crate) fn executor(&self, script: &str) -> ProcessExecutor {
        ProcessExecutor::open(self.config(script)).unwrap()
    }

    pub(crate) fn attempt_dir(&self) -> PathBuf {
        self.dir_of(&spec().attempt_id)
    }

    fn dir_of(&self, attempt: &AttemptId) -> PathBuf {
        self.state_dir().join("attempts").join(attempt.as_str())
    }

    /// Whether an attempt is held here and has no outcome yet.
    pub(crate) fn goes_on(&self, attempt: &AttemptId) -> bool {
        let dir = self.dir_of(attempt);
        dir.exists() && !dir.join("outcome.json").exists()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn supervisor_pid(&self) -> rustix::process::Pid {
        let json = std::fs::read(self.attempt_dir().join("supervisor.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        rustix::process::Pid::from_raw(json["pid"].as_i64().unwrap().try_into().unwrap()).unwrap()
    }

    pub(crate) async fn log_of(&self, end: &End) -> String {
        let [ArtifactRef { sha256, kind, .. }] = &end.artifacts[..] else { panic!("one log: {end:?}") };
        assert_eq!(kind, "log");
        let bytes = artifact_bytes(self.artifacts.get(sha256, None).await.unwrap(), u64::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

/// The command line that runs one ignored test of this binary.
pub(crate) fn this_test(name: &str) -> Vec<OsString> {
    let exe = std::env::current_exe().unwrap().into();
    [exe].into_iter().chain(["--ignored", "--nocapture", "--exact", name].map(Into::into)).collect()
}

/// What a host program's `supervise` command does.
#[test]
#[ignore = "the supervisor of the other tests; does nothing by itself"]
fn supervisor_process() {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--") {
        supervise(Path::new(&args[at - 1]), &args[at + 1..]);
    }
}

pub(crate) fn spec() -> AttemptSpec {
    AttemptSpec {
        attempt_id: AttemptId::new("attempt-0123456789abcdef").unwrap(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new("docs").unwrap(),
        repo_url: "/repo".into(),
        default_branch: "main".into(),
        base_commit: "0123".into(),
        deadline_seconds: None,
        forge: Default::default(),
    }
}

/// The next thing seen of the bench's attempt, or nothing at `Synced`.
pub(crate) async fn next(watch: &mut Watch) -> Option<Phase> {
    match timeout(PATIENCE, watch.next()).await.expect("nothing more is seen").unwrap().unwrap() {
        Observation::Held(sighting) => {
            assert_eq!(sighting.attempt_id, spec().attempt_id);
            Some(sighting.phase)
        }
        Observation::Synced => None,
        Observation::Gone(attempt) => panic!("{attempt} is gone"),
    }
}

/// The end of the bench's attempt, as this watch sees it.
pub(crate) async fn end_in(watch: &mut Watch) -> End {
    loop {
        if let Some(Phase::Finished(end)) = next(watch).await {
            return *end;
        }
    }
}

/// The end of the bench's attempt, as a new watch sees it.
pub(crate) async fn end_of(executor: &ProcessExecutor) -> End {
    end_in(&mut executor.watch()).await
}
