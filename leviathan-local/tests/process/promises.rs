//! The promises of an executor, kept by `ProcessExecutor`.

use crate::bench::Bench;
use crate::witness::PATIENCE;
use leviathan_core::conformance::Harness;
use leviathan_core::conformance::executor::ExecutorHarness;
use leviathan_core::id::AttemptId;
use leviathan_local::executor::ProcessExecutor;
use std::sync::Mutex;
use std::time::Instant;

leviathan_core::executor_suite!(Processes::default());

/// Workers that go by their plan.
const BY_PLAN: &str = r#"
    echo start >> "$BENCH/starts-of-$ATTEMPT_ID"
    case $TASK_ID in
        succeed) exit 0 ;;
        hang) exec sleep 1000 ;;
        deaf) trap '' TERM; exec sleep 1000 ;;
        *) exit 1 ;;
    esac"#;

/// Executors with a state directory each.
#[derive(Default)]
struct Processes {
    benches: Mutex<Vec<Bench>>,
}

impl Harness for Processes {
    type Subject = ProcessExecutor;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        tokio::runtime::Runtime::new().unwrap().block_on(test)
    }

    async fn fresh(&self) -> ProcessExecutor {
        let bench = Bench::new();
        let executor = bench.executor(BY_PLAN);
        self.benches.lock().unwrap().push(bench);
        executor
    }

    async fn reopen(&self, executor: ProcessExecutor) -> Option<ProcessExecutor> {
        drop(executor);
        self.benches.lock().unwrap().last().map(|bench| bench.executor(BY_PLAN))
    }
}

impl ExecutorHarness for Processes {
    fn attempts_survive(&self) -> bool {
        true
    }

    /// An attempt runs once it has a supervisor. Its worker may still be on its way, so the first start is waited for, but
    /// only until the attempt has ended: one that was stopped early may never have come to count itself.
    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        let benches = self.benches.lock().unwrap();
        let name = format!("starts-of-{attempt}");
        let count = || benches.iter().map(|bench| bench.read(&name).lines().count()).sum();
        let ended = || !benches.iter().any(|bench| bench.goes_on(attempt));
        let begun = Instant::now();
        loop {
            // In this order: what counts itself does so before its attempt has ended.
            let over = ended() || begun.elapsed() > PATIENCE;
            let starts = count();
            if over || starts > 0 {
                return Some(starts);
            }
            std::thread::yield_now();
        }
    }
}
