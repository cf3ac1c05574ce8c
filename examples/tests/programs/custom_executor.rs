//! The executors of the example keep every promise of the seam, and the example works a backlog with each.

use crate::executors::{Announcer, Commands};
use crate::program::program;
use async_trait::async_trait;
use leviathan_core::conformance::Harness;
use leviathan_core::conformance::executor::{ExecutorHarness, Plan};
use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, Cause, InProcess, RunAttempt};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_local::SystemClock;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

#[test]
fn the_example_works_a_backlog_with_each_executor() {
    let output = Command::new(program("custom_executor")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    // The hashes are of a random log; all else is always the same.
    let known: Vec<_> = printed.lines().map(|line| line.split(", the log's head").next().unwrap()).collect();
    let done = ["announcer: 2 tasks completed", "a command does sow", "a command does reap"];
    assert_eq!(known, [&done[..], &["commands: 2 tasks completed"]].concat());
}

mod announcer {
    leviathan_core::executor_suite!(super::InThisProcess);
}

mod commands {
    leviathan_core::executor_suite!(super::AsCommands::default());
}

/// An announcer that is told what to do: it announces only what is to succeed.
#[derive(Debug)]
struct ByPlan;

#[async_trait]
impl RunAttempt for ByPlan {
    async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
        match Plan::of(spec) {
            Some(Plan::Succeed) => return Announcer.run(spec, ctx).await,
            Some(Plan::Hang) => ctx.cancelled().await,
            Some(Plan::Deaf) => std::future::pending().await,
            Some(Plan::Fail) | None => {}
        }
        AttemptResult::failed(Cause::AgentError, "nothing was announced")
    }
}

struct InThisProcess;

impl Harness for InThisProcess {
    type Subject = InProcess;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        tokio::runtime::Runtime::new().unwrap().block_on(test)
    }

    async fn fresh(&self) -> InProcess {
        let spawn = |run| drop(tokio::spawn(run));
        let name = ExecutorName::new("announcer").unwrap();
        InProcess::new(name, Arc::new(ByPlan), spawn, Arc::new(SystemClock))
    }

    async fn reopen(&self, executor: InProcess) -> Option<InProcess> {
        drop(executor);
        Some(self.fresh().await)
    }
}

impl ExecutorHarness for InThisProcess {
    fn attempts_survive(&self) -> bool {
        false
    }
}

/// Each command first adds a line to the file of its attempt in this folder, so that starts can be counted.
struct AsCommands {
    starts: TempDir,
}

impl Default for AsCommands {
    fn default() -> Self {
        Self { starts: tempfile::tempdir().unwrap() }
    }
}

impl Harness for AsCommands {
    type Subject = Commands;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        tokio::runtime::Runtime::new().unwrap().block_on(test)
    }

    async fn fresh(&self) -> Commands {
        let command = format!(
            "echo started >> '{}'/\"$ATTEMPT_ID\"
            case $TASK_ID in
                succeed) exit 0 ;;
                hang) exec sleep 600 ;;
                deaf) trap '' TERM; exec sleep 600 ;;
            esac
            exit 1",
            self.starts.path().display()
        );
        Commands::new(ExecutorName::new("commands").unwrap(), command)
    }

    async fn reopen(&self, executor: Commands) -> Option<Commands> {
        drop(executor);
        Some(self.fresh().await)
    }
}

impl ExecutorHarness for AsCommands {
    fn attempts_survive(&self) -> bool {
        false
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        let file = self.starts.path().join(attempt.as_str());
        Some(std::fs::read_to_string(file).unwrap_or_default().lines().count())
    }
}
