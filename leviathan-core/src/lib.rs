//! # Leviathan's core
//!
//! A control plane for coding-agent work, without any I/O: events and their hash chain, the graph that they project to,
//! the decisions that make new ones, and the seams to stores, executors and clocks.
//!
//! A host program that embeds it puts these together:
//!
//! | what | where | ready-made |
//! |---|---|---|
//! | the log, and the one door to it | [`Ledger`], [`decide::Command`] | |
//! | the loop that starts attempts and records how they end | [`Scheduler`], [`Until`] | |
//! | what runs attempts | [`executor`]: [`RunAttempt`](executor::RunAttempt), [`Executor`](executor::Executor) | [`InProcess`](executor::InProcess); processes in `leviathan-local` |
//! | where the log is kept | [`store::EventStore`] | in memory here; files in `leviathan-local`; `leviathan-pg` |
//! | where logs and patches are kept | [`artifact::ArtifactStore`] | in memory here; files in `leviathan-local` |
//! | time | [`Clock`] | `SystemClock` in `leviathan-local` |
//! | what is shown | [`Ledger::read`], [`graph::Graph`] | an API in `leviathan-http` |
//!
//! Whoever implements a seam proves it with the suites of `conformance`, a module behind the feature of that name: a test
//! for each promise of [`EventStore`](store::EventStore), [`ArtifactStore`](artifact::ArtifactStore) and
//! [`Executor`](executor::Executor).
//!
//! # From start to end
//! A log in memory, one repository with a task, and an executor in one method:
//!
//! ```
//! use leviathan_core::backlog::Backlog;
//! use leviathan_core::decide::Command;
//! use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, InProcess, RunAttempt};
//! use leviathan_core::id::{ExecutorName, LogId, TargetId};
//! use leviathan_core::store::MemoryEventStore;
//! use leviathan_core::{Clock, CompleteOn, Ledger, NewLog, Scheduler, TargetConfig, TargetPolicy, Timestamp, Until};
//! use std::{sync::Arc, time::Duration};
//!
//! /// Does the work of an attempt.
//! #[derive(Debug)]
//! struct Greeter;
//!
//! #[async_trait::async_trait]
//! impl RunAttempt for Greeter {
//!     async fn run(&self, spec: &AttemptSpec, _ctx: &AttemptContext) -> AttemptResult {
//!         AttemptResult::succeeded(format!("greeted {}", spec.task_id))
//!     }
//! }
//!
//! /// Core reads no clock, so the host gives it one.
//! #[derive(Debug)]
//! struct SystemClock;
//!
//! impl Clock for SystemClock {
//!     fn now(&self) -> Timestamp {
//!         std::time::SystemTime::now().into()
//!     }
//!
//!     fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()> {
//!         Box::pin(tokio::time::sleep(duration))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The log and its door. A host draws the log's id by chance, once.
//! let clock = Arc::new(SystemClock);
//! let new = NewLog { log_id: LogId::from_u128(7), name: "example".into() };
//! let (ledger, task) = Ledger::open(Arc::new(MemoryEventStore::default()), clock.clone(), new).await?;
//! tokio::spawn(task.run());
//!
//! // What is to be done: a repository, and what its backlog and policy say at a commit.
//! let docs = TargetId::new("docs")?;
//! ledger.submit(Command::RegisterTarget(TargetConfig {
//!     target_id: docs.clone(),
//!     repo_url: "/srv/docs.git".into(),
//!     default_branch: "main".into(),
//!     complete_on: CompleteOn::Pushed,
//!     forge: Default::default(),
//!     limits: Default::default(),
//! })).await?;
//! ledger.submit(Command::SyncBacklog {
//!     target: docs.clone(),
//!     commit: "0".repeat(40),
//!     policy: TargetPolicy::default(),
//!     backlog: Backlog::parse("[{id: greet, title: Greet, ready: true}]", "backlog.yaml")?,
//! }).await?;
//!
//! // Who does it, and the loop that sees to it.
//! let spawn = |run| drop(tokio::spawn(run));
//! let executor = InProcess::new(ExecutorName::new("greeter")?, Arc::new(Greeter), spawn, clock.clone());
//! let scheduler = Scheduler::new(ledger.clone(), Arc::new(executor), clock);
//! scheduler.run(Until::Idle, std::future::pending()).await?;
//!
//! // What became of it is a question to the graph, which is the log's projection.
//! let done = ledger.read(|graph| graph.tasks(&docs).filter(|task| task.is_completed()).count());
//! assert_eq!(done, 1);
//! # Ok(())
//! # }
//! ```
//!
//! Put a store in place of the memory and the same lines go on after a restart: whatever was open is launched again or
//! adopted, by what the executor still holds.

pub mod artifact;
pub mod backlog;
mod bundle;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod decide;
pub mod event;
pub mod executor;
mod forge_config;
pub mod graph;
pub mod id;
mod json;
mod ledger;
mod limits;
pub mod log;
pub mod output;
pub mod policy;
pub mod redact;
#[cfg(feature = "sabotage")]
#[doc(hidden)]
pub mod safeguard;
#[cfg(not(feature = "sabotage"))]
mod safeguard;
pub mod schedule;
mod scheduler;
mod seam_error;
mod secret;
pub mod store;
mod target;
mod target_file;
mod text;
mod time;
mod yaml;

pub use bundle::{BadBundle, Bundle, BundleFault, MAX_BUNDLE_BYTES, MAX_BUNDLE_EVENTS};
pub use clock::Clock;
pub use forge_config::ForgeConfig;
pub use ledger::{Ledger, LedgerError, LedgerTask, NewLog, Receipt, SubmitError};
pub use limits::{Breaker, Budget, Limits, OutsidePrefixes, Shortfall, Spend, TargetLimits, Unit};
pub use scheduler::{Leadership, Scheduler, SchedulerError, Until};
pub use seam_error::SeamError;
pub use secret::Secret;
pub use target::{CompleteOn, TargetConfig, TargetPolicy};
pub use target_file::TargetFile;
pub use time::{BadTimestamp, Timestamp, format_timestamp, parse_timestamp};
pub use yaml::{BadFile, Fault};
