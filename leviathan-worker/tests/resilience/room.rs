//! `Room`: everything around a worker, and what must hold once all is done.

use crate::api::{Api, WORKER};
use crate::repository::Repository;
use futures::future;
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::event::{Event, Origin};
use leviathan_core::executor::worker_env;
use leviathan_core::graph::{Attempt, Outcome, TaskKey, TaskState};
use leviathan_core::id::{LogId, TargetId, TaskId};
use leviathan_core::log::{Position, RecordedEvent};
use leviathan_core::policy::Policy;
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{
    CompleteOn, ForgeConfig, Ledger, NewLog, Scheduler, Secret, TargetConfig, TargetPolicy, Until,
};
use leviathan_local::SystemClock;
use leviathan_local::executor::{ProcessExecutor, ProcessExecutorConfig};
use leviathan_test_forge::{FakeGitHub, Gate, GitServer, PullState};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const TOKEN: &str = "github-s3cret";
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// A target with one task, its forge, and a control plane that works it. What the worker asks of any server passes one gate.
pub(crate) struct Room {
    dir: TempDir,
    pub(crate) gate: Gate,
    pub(crate) api: Api,
    pub(crate) forge: FakeGitHub,
    repository: Repository,
    store: Arc<MemoryEventStore>,
    ledger: Ledger,
    scheduler: Scheduler,
    _git: GitServer,
}

/// How an attempt came out, and whether it was its worker's own report that said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) outcome: Outcome,
    pub(crate) reported: bool,
}

impl Room {
    /// The API is away at first. An attempt may take `deadline` seconds.
    pub(crate) async fn new(deadline: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Agent and checks may run as somebody else, who must see what is held.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir(dir.path().join("hold")).unwrap();
        let hold = hold(&dir.path().join("hold"));
        let repository = Repository::make(
            dir.path(),
            &format!(
                "{hold}\nif [ -e docs/GUIDE.md ]; then hold check-2; else hold check-1; fi\ncat docs/GUIDE.md"
            ),
        );
        let gate = Gate::default();
        let git = GitServer::start_behind(&gate, dir.path(), Some(TOKEN));
        let forge = FakeGitHub::start_behind(&gate, "acme", "radix", repository.path(), TOKEN);

        let (store, artifacts) =
            (Arc::new(MemoryEventStore::default()), Arc::new(MemoryArtifactStore::default()));
        let new = NewLog { log_id: LogId::from_u128(7), name: "test".into() };
        let (ledger, task) = Ledger::open(store.clone(), Arc::new(SystemClock), new).await.unwrap();
        tokio::spawn(task.run());
        let api = Api::away(&gate, &ledger, &artifacts);
        let target = target(&git, &forge);
        prepare(&ledger, target, &repository).await;

        let program = OsString::from(env!("CARGO_BIN_EXE_leviathan-worker"));
        // The check fails until there is a guide.
        let agent = format!(
            "{hold}\nmkdir -p docs\nif [ $LEVIATHAN_ROUND = 1 ]; then echo draft > docs/notes; \
             else echo $ATTEMPT_ID > docs/GUIDE.md; fi\nhold agent-$LEVIATHAN_ROUND"
        );
        let mut config = ProcessExecutorConfig::new(
            dir.path().join("state"),
            vec![program.clone(), "supervise".into()],
            vec![program],
            artifacts,
            api.url(),
            Secret::new(WORKER),
        );
        config.agent_command = Some(agent);
        let readable = dir.path().join("hold").display().to_string();
        config.env.insert(worker_env::READABLE.to_owned(), readable);
        config.secrets.insert(worker_env::GITHUB_TOKEN.to_owned(), Secret::new(TOKEN));
        config.default_deadline_seconds = NonZeroU64::new(deadline).unwrap();
        let executor = Arc::new(ProcessExecutor::open(config).unwrap());
        let scheduler = Scheduler::new(ledger.clone(), executor, Arc::new(SystemClock));
        Self { dir, gate, api, forge, repository, store, ledger, scheduler, _git: git }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// From now on agent or check waits for ever at this step.
    pub(crate) fn hold(&self, step: &str) {
        std::fs::write(self.dir.path().join("hold").join(step), "").unwrap();
    }

    /// Ends once agent or check waits at its step, which holds nobody any more.
    pub(crate) async fn holds(&self, step: &str) {
        let pattern = format!("held-{step}");
        let held = async {
            while !is_below(&self.state(), &pattern) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, held).await.expect("it waits there");
        std::fs::remove_file(self.dir.path().join("hold").join(step)).unwrap();
    }

    /// Ends once the worker has said this.
    pub(crate) async fn says(&self, words: &str) {
        let said = async {
            loop {
                let attempts =
                    std::fs::read_dir(self.state().join("attempts")).into_iter().flatten().flatten();
                let logs = attempts.map(|attempt| std::fs::read_to_string(attempt.path().join("output.log")));
                if logs.flatten().any(|log| log.contains(words)) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, said).await.expect("the worker says it");
    }

    /// Works the task until nothing more can be done.
    pub(crate) async fn work(&self) {
        let worked = self.scheduler.run(Until::Idle, future::pending());
        tokio::time::timeout(PATIENCE, worked).await.expect("it comes to an end").unwrap();
    }

    /// How the attempts came out, in order.
    pub(crate) fn came(&self) -> Vec<Came> {
        let came = |attempt: &Attempt| Came {
            outcome: attempt.outcome().cloned().expect("it has ended"),
            reported: self.events().iter().any(|event| ends(event, attempt, Origin::Claimed)),
        };
        self.ledger.read(|graph| {
            let task = graph.task(&key()).unwrap();
            task.attempts.iter().map(|id| came(graph.attempt(id).unwrap())).collect()
        })
    }

    /// All that was recorded.
    pub(crate) fn events(&self) -> Vec<RecordedEvent> {
        let all = NonZeroUsize::new(10_000).unwrap();
        let read = self.store.read(Position::START, all);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read)).unwrap()
    }

    /// What must hold once the work is done, whatever was in its way: one branch with one commit, one open pull request of
    /// it that speaks of the attempt that succeeded, a task that waits for its merge, and each event once.
    pub(crate) fn is_done_once(&self, about: &str) {
        let git = |arguments: &[&str]| self.repository.git(arguments);
        assert_eq!(git(&["branch", "--format=%(refname:short)"]), "agent/docs\nmain", "{about}");
        assert_eq!(git(&["rev-list", "--count", "main..agent/docs"]), "1", "{about}");
        assert_eq!(git(&["fsck", "--strict", "--no-dangling"]), "", "{about}");
        let last = self.ledger.read(|graph| graph.task(&key()).unwrap().attempts.last().cloned()).unwrap();
        assert_eq!(git(&["show", "agent/docs:docs/GUIDE.md"]), last.as_str(), "{about}");

        let (tip, pulls) = (git(&["rev-parse", "agent/docs"]), self.forge.pulls());
        assert_eq!(pulls.len(), 1, "{about}: {pulls:?}");
        assert_eq!((pulls[0].state, pulls[0].head_sha.as_str()), (PullState::Open, tip.as_str()), "{about}");
        for part in [last.as_str(), &tip, "For newcomers.", "names the attempt", "in round 2", "log position"]
        {
            assert!(pulls[0].body.contains(part), "{about}: {part} is not in {}", pulls[0].body);
        }
        assert_eq!(self.forge.violations(), [""; 0], "{about}");

        self.ledger.read(|graph| {
            let task = graph.task(&key()).unwrap();
            assert_eq!(task.state, TaskState::AwaitingMerge(last.clone()), "{about}");
            assert_eq!(graph.open_pull_requests(&key().target_id).count(), 1, "{about}");
            for attempt in task.attempts.iter().map(|id| graph.attempt(id).unwrap()) {
                self.is_told_once(attempt, about);
            }
        });
    }

    fn is_told_once(&self, attempt: &Attempt, about: &str) {
        assert_eq!(attempt.anomalies, 0, "{about}");
        let events = self.events();
        let times = |origin| events.iter().filter(|event| ends(event, attempt, origin)).count();
        assert_eq!(times(Origin::Observed), 1, "{about}: the end of {} is recorded once", attempt.attempt_id);
        assert!(times(Origin::Claimed) <= 1, "{about}: it is reported once at most");
        let mut ids = BTreeSet::new();
        for event in &events {
            let envelope = event.body.envelope().unwrap();
            assert!(ids.insert(envelope.event_id.into_owned()), "{about}: an event stands there twice");
            assert!(!envelope.payload.contains("s3cret"), "{about}: {}", envelope.payload);
        }
    }
}

/// Whether an event says how an attempt ended.
fn ends(event: &RecordedEvent, attempt: &Attempt, origin: Origin) -> bool {
    let envelope = event.body.envelope().unwrap();
    let event = Event::decode(&envelope.event_type, envelope.version, envelope.payload, None);
    let of = match &event {
        Ok(Event::AttemptSucceeded(end)) => &end.attempt_id,
        Ok(Event::AttemptFailed(end)) => &end.attempt_id,
        Ok(Event::AttemptCancelled(end)) => &end.attempt_id,
        _ => return false,
    };
    *of == attempt.attempt_id && envelope.origin == origin
}

/// A shell function that waits for ever where a file of the step's name lies, and leaves word of it in the checkout.
fn hold(files: &std::path::Path) -> String {
    format!("hold() {{ if [ -e '{}'/$1 ]; then touch held-$1; exec sleep 600; fi; }}", files.display())
}

fn is_below(dir: &std::path::Path, name: &str) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        entry.file_name() == name || (is_dir && entry.file_name() != ".git" && is_below(&entry.path(), name))
    })
}

pub(crate) fn key() -> TaskKey {
    TaskKey::new(TargetId::new("radix").unwrap(), TaskId::new("docs").unwrap())
}

fn target(git: &GitServer, forge: &FakeGitHub) -> TargetConfig {
    TargetConfig {
        target_id: key().target_id,
        repo_url: git.url("acme/radix.git"),
        default_branch: "main".into(),
        complete_on: CompleteOn::Merged,
        limits: Default::default(),
        forge: ForgeConfig::Github { api_url: forge.url() },
    }
}

async fn prepare(ledger: &Ledger, target: TargetConfig, repository: &Repository) {
    let target_id = target.target_id.clone();
    let policy: TargetPolicy = Policy::parse(&repository.policy(), Policy::PATH).unwrap().target_policy();
    for command in [
        Command::RegisterTarget(target),
        Command::ForgeAnswered { target: target_id.clone(), pull_requests: Vec::new() },
        Command::SyncBacklog {
            target: target_id,
            commit: repository.git(&["rev-parse", "main"]),
            policy,
            backlog: Backlog::parse(&repository.backlog(), Backlog::PATH).unwrap(),
        },
    ] {
        ledger.submit(command).await.unwrap();
    }
}
