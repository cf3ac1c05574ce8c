//! What a poller tells the ledger, and what that comes to.

use crate::support::{Room, SkippingClock, TOKEN};
use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{AttemptSucceeded, PullRequestFields};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::{End, Phase, Sighting};
use leviathan_core::graph::{ForgeUnknown, PullRequestState, TaskKey, TaskState};
use leviathan_core::id::{ActorId, AttemptId, EventId, ExecutorName, LogId, TargetId, TaskId};
use leviathan_core::schedule::next;
use leviathan_core::store::MemoryEventStore;
use leviathan_core::{
    Bundle, Clock, CompleteOn, ForgeConfig, Ledger, NewLog, TargetConfig, TargetPolicy, Timestamp,
};
use leviathan_test_forge::{Fault, PullState};
use leviathan_worker::forge::{Forge, ForgePoller};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

const BACKLOG: &str =
    "- {id: docs, title: Write, ready: true}\n- {id: api, title: Code, ready: true, dependencies: [docs]}\n";

/// A room with a log, whose target is completed by merges.
struct Host {
    room: Room,
    ledger: Ledger,
    poller: ForgePoller,
}

impl Host {
    async fn start() -> Self {
        let room = Room::with(&["agent/docs", "agent/api", "feature"]);
        let new = NewLog { log_id: LogId::from_u128(7), name: "test".into() };
        let (ledger, task) =
            Ledger::open(Arc::new(MemoryEventStore::default()), Arc::new(room.clock.clone()), new)
                .await
                .unwrap();
        tokio::spawn(task.run());
        let config = TargetConfig {
            target_id: target(),
            repo_url: "/srv/acme/radix".into(),
            default_branch: "main".into(),
            complete_on: CompleteOn::Merged,
            limits: Default::default(),
            forge: ForgeConfig::Github { api_url: room.forge.url() },
        };
        ledger.submit(Command::RegisterTarget(config)).await.unwrap();
        let sync = Command::SyncBacklog {
            target: target(),
            commit: "c0ffee".into(),
            policy: TargetPolicy::default(),
            backlog: Backlog::parse(BACKLOG, "backlog.yaml").unwrap(),
        };
        ledger.submit(sync).await.unwrap();
        let forge: Arc<dyn Forge> = Arc::new(room.client(TOKEN));
        let poller = ForgePoller::new(ledger.clone(), forge, Arc::new(room.clock.clone()), target());
        Self { room, ledger, poller }
    }

    /// Runs a task to a success, of which its worker says that it left this pull request.
    async fn succeed(&self, task: &str, pull_request: Option<u64>) {
        let executor = ExecutorName::new("test").unwrap();
        let start = Command::StartAttempt { task: key(task), executor: executor.clone(), leadership: None };
        self.ledger.submit(start).await.unwrap();
        let attempt =
            self.ledger.read(|graph| graph.task(&key(task)).unwrap().attempts.last().unwrap().clone());
        let events = self.report(&attempt, task, pull_request);
        let bundle = Bundle { bundle_id: format!("bundle-{attempt}"), target: target(), events };
        self.ledger.submit(Command::Ingest(bundle)).await.unwrap();
        let end = End { exit_code: Some(0), ..End::default() };
        let sighting =
            Sighting { attempt_id: attempt, phase: Phase::Finished(Box::new(end)), job_name: None };
        self.ledger.submit(Command::Observe { executor, sighting, leadership: None }).await.unwrap();
        assert!(matches!(self.task(task), TaskState::AwaitingMerge(_)), "{:?}", self.task(task));
    }

    fn report(&self, attempt: &AttemptId, task: &str, pull_request: Option<u64>) -> Vec<EventDraft> {
        let told = pull_request.map(|pr_number| {
            Event::PrCreated(PullRequestFields {
                attempt_id: Some(attempt.clone()),
                pr_number,
                pr_url: None,
                title: None,
                state: None,
                branch_name: None,
                commit_sha: None,
            })
        });
        let end = Event::AttemptSucceeded(AttemptSucceeded {
            attempt_id: attempt.clone(),
            status: "succeeded".into(),
            completed_at: None,
            branch_name: Some(format!("agent/{task}")),
            commit_sha: None,
            pr_url: None,
            pr_number: pull_request,
            summary: None,
            unconfirmed: false,
        });
        let draft = |(number, event)| {
            let id = EventId::of_attempt(attempt, number, &event);
            EventDraft::claimed(id, ActorId::worker(attempt), target(), self.room.clock.now(), &event)
        };
        (0..).zip(told.into_iter().chain([end])).map(draft).collect()
    }

    fn task(&self, task: &str) -> TaskState {
        self.ledger.read(|graph| graph.task(&key(task)).unwrap().state.clone())
    }

    fn unknown(&self) -> Option<ForgeUnknown> {
        self.ledger.read(|graph| graph.target(&target()).unwrap().forge_unknown.clone())
    }

    fn state_of(&self, number: u64) -> Option<PullRequestState> {
        self.ledger.read(|graph| graph.pull_request(&target(), number).map(|known| known.state))
    }

    /// The tasks that may start, first the first.
    fn may_start(&self) -> Vec<String> {
        let now = self.room.clock.now();
        self.ledger.read(|graph| next(graph, now).map(|start| start.task.task_id.to_string()).collect())
    }
}

fn target() -> TargetId {
    TargetId::new("radix").unwrap()
}

fn key(task: &str) -> TaskKey {
    TaskKey::new(target(), TaskId::new(task).unwrap())
}

#[tokio::test]
async fn a_merge_on_the_forge_completes_its_task_and_lets_the_next_one_start() {
    let mut host = Host::start().await;
    assert!(host.may_start().is_empty(), "nobody knows yet how many are open");
    host.poller.poll().await.unwrap();
    assert_eq!(host.may_start(), ["docs"]);

    let number = host.room.propose("agent/docs", "Write").await.unwrap().number;
    host.succeed("docs", Some(number)).await;
    host.poller.poll().await.unwrap();
    assert!(host.may_start().is_empty(), "it is open");
    host.room.forge.merge(number);
    host.poller.poll().await.unwrap();
    assert_eq!((host.task("docs"), host.may_start()), (TaskState::Completed, vec!["api".to_owned()]));
}

#[tokio::test]
async fn closing_it_blocks_the_task_and_opening_it_again_has_the_task_wait_again() {
    let mut host = Host::start().await;
    host.poller.poll().await.unwrap();
    let number = host.room.propose("agent/docs", "Write").await.unwrap().number;
    host.succeed("docs", Some(number)).await;
    host.room.forge.settle(number, PullState::Closed);
    host.poller.poll().await.unwrap();
    assert!(matches!(host.task("docs"), TaskState::Blocked(why) if why.contains("closed")));
    host.room.forge.settle(number, PullState::Open);
    host.poller.poll().await.unwrap();
    assert!(matches!(host.task("docs"), TaskState::AwaitingMerge(_)));
}

#[tokio::test]
async fn a_task_whose_worker_named_no_pull_request_is_found_by_its_branch() {
    let mut host = Host::start().await;
    host.poller.poll().await.unwrap();
    let number = host.room.propose("agent/docs", "Write").await.unwrap().number;
    host.succeed("docs", None).await;
    host.room.forge.merge(number);
    host.poller.poll().await.unwrap();
    assert_eq!(
        (host.state_of(number), host.task("docs")),
        (Some(PullRequestState::Merged), TaskState::Completed)
    );
}

#[tokio::test]
async fn a_worker_that_names_somebody_elses_merge_completes_nothing() {
    let mut host = Host::start().await;
    host.poller.poll().await.unwrap();
    let theirs = host.room.forge.open_by_hand("acme", "feature", "main");
    host.room.forge.merge(theirs);
    host.succeed("docs", Some(theirs)).await;
    host.poller.poll().await.unwrap();
    assert!(matches!(host.task("docs"), TaskState::Blocked(_)), "{:?}", host.task("docs"));
    assert!(host.may_start().is_empty());
}

#[tokio::test]
async fn a_forge_that_does_not_answer_the_first_question_is_told_of_at_once() {
    let mut host = Host::start().await;
    let asked = host.room.clock.now();
    host.room.forge.fail_always(Some(Fault::status(401, "Bad credentials")));
    let error = host.poller.poll().await.unwrap_err().to_string();
    let unknown = host.unknown().unwrap();
    assert_eq!((unknown.since, unknown.reason), (asked, error));
    assert!(host.may_start().is_empty());
    host.room.forge.fail_always(None);
    host.poller.poll().await.unwrap();
    assert_eq!((host.unknown(), host.may_start()), (None, vec!["docs".to_owned()]));
}

#[tokio::test]
async fn a_forge_that_falls_silent_is_told_of_after_ten_minutes_and_no_sooner() {
    let mut host = Host::start().await;
    host.poller.poll().await.unwrap();
    let answered = host.room.clock.now();
    host.room.forge.fail_always(Some(Fault::status(503, "maintenance")));
    host.room.clock.pass(Duration::from_secs(540));
    host.poller.poll().await.unwrap_err();
    assert_eq!((host.unknown(), host.may_start()), (None, vec!["docs".to_owned()]));

    let Host { room, ledger, poller } = host;
    let until_unknown = async {
        let mut position = ledger.read(|graph| graph.head().position);
        while ledger.read(|graph| graph.target(&target()).unwrap().forge_unknown.is_none()) {
            ledger.moved_past(position).await;
            position = ledger.read(|graph| graph.head().position);
        }
    };
    tokio::select! {
        () = poller.run() => panic!("it asks for as long as the ledger runs"),
        () = until_unknown => {}
    }
    let unknown = ledger.read(|graph| graph.target(&target()).unwrap().forge_unknown.clone()).unwrap();
    assert_eq!(unknown.since, answered);
    assert!(unknown.reason.contains("maintenance"), "{}", unknown.reason);
    assert!(room.clock.now() - answered < chrono::TimeDelta::minutes(13));
}

/// A time in which half a minute never passes.
#[derive(Debug)]
struct ShortTime(SkippingClock);

impl Clock for ShortTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration < Duration::from_secs(30) { self.0.sleep(duration) } else { pending().boxed() }
    }
}

#[tokio::test]
async fn a_poller_that_is_woken_asks_before_its_minute_is_over() {
    let mut host = Host::start().await;
    host.poller.poll().await.unwrap();
    let number = host.room.propose("agent/docs", "Write").await.unwrap().number;
    host.succeed("docs", Some(number)).await;
    let Host { room, ledger, .. } = host;
    let (forge, wake): (Arc<dyn Forge>, _) = (Arc::new(room.client(TOKEN)), Arc::new(Notify::new()));
    let clock = Arc::new(ShortTime(room.clock.clone()));
    let mut poller = ForgePoller::new(ledger.clone(), forge, clock, target()).woken_by(wake.clone());
    poller.poll().await.unwrap();
    room.forge.merge(number);
    let running = tokio::spawn(poller.run());
    let is_done = || ledger.read(|graph| graph.task(&key("docs")).unwrap().state == TaskState::Completed);
    assert!(!is_done());
    let mut position = ledger.read(|graph| graph.head().position);
    wake.notify_one();
    while !is_done() {
        ledger.moved_past(position).await;
        position = ledger.read(|graph| graph.head().position);
    }
    running.abort();
}

#[tokio::test]
async fn a_merge_is_not_told_before_the_default_branch_was_read_anew() {
    let mut host = Host::start().await;
    let (tries, ledger) = (Arc::new(AtomicU32::new(0)), host.ledger.clone());
    let counted = tries.clone();
    host.poller = host.poller.before_merges(Box::new(move || {
        let (number, ledger) = (counted.fetch_add(1, Ordering::SeqCst), ledger.clone());
        Box::pin(async move {
            let waits = ledger.read(|graph| graph.task(&key("docs")).unwrap().state.clone());
            assert!(matches!(waits, TaskState::AwaitingMerge(_)), "{waits:?}");
            if number == 0 { Err("no route to the repository".to_owned()) } else { Ok(()) }
        })
    }));
    host.poller.poll().await.unwrap();
    let number = host.room.propose("agent/docs", "Write").await.unwrap().number;
    host.succeed("docs", Some(number)).await;
    host.poller.poll().await.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 0, "nothing was merged");

    host.room.forge.merge(number);
    let error = host.poller.poll().await.unwrap_err().to_string();
    assert!(error.contains("no route to the repository"), "{error}");
    assert!(matches!(host.task("docs"), TaskState::AwaitingMerge(_)));
    host.poller.poll().await.unwrap();
    assert_eq!(host.task("docs"), TaskState::Completed);
    host.poller.poll().await.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 2, "a merge that is known is no reason to read again");
}
