//! An executor of one's own in one method, run by the real scheduler: `cargo run --example custom_executor`.

use async_trait::async_trait;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, InProcess, RunAttempt};
use leviathan_core::id::{ExecutorName, LogId, TargetId};
use leviathan_core::store::MemoryEventStore;
use leviathan_core::{CompleteOn, Ledger, NewLog, Scheduler, TargetConfig, TargetPolicy, Until};
use leviathan_local::SystemClock;
use std::sync::Arc;

/// Runs an attempt by saying so. Yours might call a service, a queue or a function.
#[derive(Debug)]
struct Announcer;

#[async_trait]
impl RunAttempt for Announcer {
    async fn run(&self, spec: &AttemptSpec, _ctx: &AttemptContext) -> AttemptResult {
        AttemptResult::succeeded(format!("announced {}", spec.task_id))
    }
}

const BACKLOG: &str =
    "[{id: sow, title: Sow, ready: true}, {id: reap, title: Reap, ready: true, dependencies: [sow]}]";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let spawn = |run| drop(tokio::spawn(run));
    let executor = InProcess::new(ExecutorName::new("announcer")?, Arc::new(Announcer), spawn, clock.clone());
    let new = NewLog { log_id: LogId::from_u128(uuid::Uuid::new_v4().as_u128()), name: "example".into() };
    let (ledger, task) = Ledger::open(Arc::new(MemoryEventStore::default()), clock.clone(), new).await?;
    tokio::spawn(task.run());

    let target_id = TargetId::new("field")?;
    let target = TargetConfig {
        target_id: target_id.clone(),
        repo_url: "/srv/field.git".into(),
        default_branch: "main".into(),
        complete_on: CompleteOn::Pushed,
        limits: Default::default(),
        forge: Default::default(),
    };
    ledger.submit(Command::RegisterTarget(target)).await?;
    let (commit, policy) = ("0".repeat(40), TargetPolicy::default());
    let backlog = Backlog::parse(BACKLOG, "backlog.yaml")?;
    ledger.submit(Command::SyncBacklog { target: target_id.clone(), commit, policy, backlog }).await?;

    let scheduler = Scheduler::new(ledger.clone(), Arc::new(executor), clock);
    scheduler.run(Until::Idle, std::future::pending()).await?;
    let done = ledger.read(|graph| graph.tasks(&target_id).filter(|task| task.is_completed()).count());
    anyhow::ensure!(done == 2, "{done} of 2 tasks were completed");
    println!("{done} tasks completed, the log's head is {}", ledger.read(|graph| graph.head()));
    Ok(())
}
