//! # Leviathan's worker
//!
//! Runs one attempt at a task: clones the target, lets an [`Agent`] write code, judges the result by the repository's
//! policy, runs its checks, lets the agent repair what they say, commits, pushes `agent/<task_id>`, and reports.
//!
//! [`worker_main`] is the whole program, run from its environment. A host that has its own way of running programs can
//! offer it as a subcommand of its own binary. [`Worker`] is the same without a process around it.
//!
//! The agent and the repository's commands are not trusted: they work in a checkout that knows no remote, with no more of the
//! environment than they are given, and, where the worker is a process of its own, kept in by the kernel ([`Confinement`]).

mod agent;
mod attempt_dir;
mod brief;
mod budget;
mod checks;
mod config;
mod confine;
mod failure;
pub mod forge;
mod journal;
mod process;
pub mod receipt;
mod report;
mod reporter;
mod target_files;
#[cfg(test)]
mod testing;
mod text;
mod worker;
mod workspace;

pub use agent::{Agent, AgentError, AgentOutcome, AgentTurn, CommandAgent};
pub use checks::CheckRun;
pub use config::{ConfigError, WorkerConfig};
pub use confine::{CommandLimits, Confinement};
pub use failure::Failure;
pub use leviathan_local::process::Containment;
pub use process::worker_main;
pub use report::Report;
pub use reporter::{NotDelivered, Reporter};
pub use target_files::{TargetFiles, read_target};
pub use worker::Worker;
