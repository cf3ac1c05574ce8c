//! Two executors of one's own, run by the real scheduler: `cargo run --example custom_executor`.

mod executors;

use executors::{Announcer, Commands};
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::executor::{Executor, InProcess};
use leviathan_core::id::{ExecutorName, LogId, TargetId};
use leviathan_core::store::MemoryEventStore;
use leviathan_core::{CompleteOn, Ledger, NewLog, Scheduler, TargetConfig, TargetPolicy, Until};
use leviathan_local::SystemClock;
use std::sync::Arc;

const BACKLOG: &str =
    "[{id: sow, title: Sow, ready: true}, {id: reap, title: Reap, ready: true, dependencies: [sow]}]";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let spawn = |run| drop(tokio::spawn(run));
    let (name, clock) = (ExecutorName::new("announcer")?, Arc::new(SystemClock));
    work(Arc::new(InProcess::new(name, Arc::new(Announcer), spawn, clock))).await?;
    work(Arc::new(Commands::new(ExecutorName::new("commands")?, "echo \"a command does $TASK_ID\""))).await
}

/// Works a field of two tasks to the end, in a log of its own.
async fn work(executor: Arc<dyn Executor>) -> anyhow::Result<()> {
    let name = executor.name().clone();
    let clock = Arc::new(SystemClock);
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

    let scheduler = Scheduler::new(ledger.clone(), executor, clock);
    scheduler.run(Until::Idle, std::future::pending()).await?;
    let done = ledger.read(|graph| graph.tasks(&target_id).filter(|task| task.is_completed()).count());
    anyhow::ensure!(done == 2, "{done} of 2 tasks were completed by {name}");
    println!("{name}: {done} tasks completed, the log's head is {}", ledger.read(|graph| graph.head()));
    Ok(())
}
