//! A host that is killed at each step of an attempt's life, and started again.

use crate::place::Place;
use crate::steps::{SteppedExecutor, SteppedStore, Steps};
use crate::waiting::{at_last, soon};
use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::api::batch::v1::Job;
use kube::api::ListParams;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::id::{AttemptId, LogId, TargetId};
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{
    Clock, CompleteOn, ForgeConfig, Ledger, NewLog, Scheduler, TargetConfig, TargetLimits, TargetPolicy,
    Timestamp, Until,
};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// Everything that a host has: its log, its executor, and its scheduler, which works a backlog of one task to its end.
async fn host(place: &Place, log_id: LogId, store: Arc<dyn EventStore>, steps: Arc<Steps>) {
    let executor = place.builder().fleet(log_id.to_string()).build().await.unwrap();
    let executor = Arc::new(SteppedExecutor { inner: executor, steps: steps.clone() });
    let store = Arc::new(SteppedStore { inner: store, steps });
    let new = NewLog { log_id, name: "cluster".to_owned() };
    let clock = Arc::new(SystemClock);
    let (ledger, task) = Ledger::open(store, clock.clone(), new).await.unwrap();
    let works = async {
        ledger.submit(Command::RegisterTarget(target())).await.unwrap();
        ledger.submit(backlog()).await.unwrap();
        let scheduler = Scheduler::new(ledger.clone(), executor, clock);
        scheduler.run(Until::Idle, std::future::pending()).await.unwrap();
    };
    tokio::select! {
        () = task.run() => panic!("the ledger stopped"),
        () = works => {}
    }
}

fn target() -> TargetConfig {
    TargetConfig {
        target_id: TargetId::new("radix").unwrap(),
        repo_url: "https://github.com/o/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        complete_on: CompleteOn::Pushed,
        limits: TargetLimits::default(),
        forge: ForgeConfig::None,
    }
}

fn backlog() -> Command {
    let task: TaskFields = serde_json::from_value(serde_json::json!({
        "task_id": "succeed", "title": "Succeed", "scope": "docs", "ready": true
    }))
    .unwrap();
    Command::SyncBacklog {
        target: TargetId::new("radix").unwrap(),
        commit: "c0ffee".to_owned(),
        policy: TargetPolicy::default(),
        backlog: Backlog { tasks: vec![task], ..Backlog::default() },
    }
}

/// The attempts that a log has, with how many outcomes it has of each kind.
async fn recorded(store: &dyn EventStore) -> (Vec<AttemptId>, Vec<String>) {
    let events = store.read(Default::default(), NonZeroUsize::MAX).await.unwrap();
    let (mut attempts, mut ends) = (Vec::new(), Vec::new());
    for event in events {
        let body: serde_json::Value = serde_json::from_slice(event.body.bytes()).unwrap();
        let kind = body["event_type"].as_str().unwrap();
        match kind {
            "attempt.created" => {
                attempts.push(AttemptId::new(body["payload"]["attempt_id"].as_str().unwrap()).unwrap());
            }
            "attempt.succeeded" | "attempt.failed" | "attempt.cancelled" => ends.push(kind.to_owned()),
            _ => {}
        }
    }
    (attempts, ends)
}

#[tokio::test(flavor = "multi_thread")]
async fn at_each_step_of_an_attempt_and_each_time_it_runs_once_and_ends_once() {
    let place = Place::make().await;
    for kill in 0.. {
        let log_id = LogId::from_u128(0x5eed_0000 + kill as u128);
        let store: Arc<dyn EventStore> = Arc::new(MemoryEventStore::default());
        let steps = Steps::until(kill);
        let killed = tokio::select! {
            () = steps.stopped() => true,
            () = soon("the host ends", host(&place, log_id, store.clone(), steps.clone())) => false,
        };
        soon("the next host ends", host(&place, log_id, store.clone(), Steps::until(usize::MAX))).await;
        let gone = steps.gone();
        let (attempts, ends) = recorded(&*store).await;
        assert_eq!(
            (attempts.len(), ends.as_slice()),
            (1, ["attempt.succeeded".to_owned()].as_slice()),
            "{gone:?}"
        );
        let pods = at_last("its pod is counted", async || {
            Some(place.starts.of(&attempts[0])).filter(|pods| *pods > 0)
        });
        assert_eq!(pods.await, 1, "{gone:?}");
        at_last("its Job is gone", async || {
            let left = place.api::<Job>().list(&ListParams::default()).await.unwrap();
            left.items.is_empty().then_some(())
        })
        .await;
        if !killed {
            println!("killed at {kill} steps: {gone:?}");
            assert!(kill > 10, "{gone:?}");
            return;
        }
    }
}
