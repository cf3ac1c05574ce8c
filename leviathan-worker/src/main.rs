//! The worker's program: runs the attempt of its environment, or supervises one that does.

use clap::{Parser, Subcommand};
use std::{ffi::OsString, path::PathBuf, process::ExitCode};

/// Runs one attempt at a task, as its environment describes it.
///
/// Required: TARGET_NAME, TARGET_REPO_URL, TASK_ID, ATTEMPT_ID, CONTROL_PLANE_URL, CONTROL_PLANE_TOKEN. Optional:
/// TARGET_BRANCH (main), TARGET_COMMIT (the branch's tip), GITHUB_TOKEN, LEVIATHAN_FORGE_KIND (github for a repository of
/// github.com, else none), LEVIATHAN_FORGE_API_URL, LEVIATHAN_AGENT_COMMAND, LEVIATHAN_AGENT_ENV (names
/// of the variables that the agent may see, comma separated), LEVIATHAN_CHECKS_ENV (names of further ones, none a secret, that
/// setup and checks may see too), LEVIATHAN_ATTEMPT_NUMBER, LEVIATHAN_MAX_ROUNDS (3), LEVIATHAN_DEADLINE_SECONDS,
/// LEVIATHAN_READABLE and LEVIATHAN_WRITABLE (places outside the attempt that agent, setup and checks may reach, separated by
/// colons), LEVIATHAN_MAX_PROCESSES (4096), LEVIATHAN_MAX_MEMORY_MB (8192), LEVIATHAN_MAX_FILE_MB (4096),
/// LEVIATHAN_LOG_HEAD, LEVIATHAN_FINAL_MESSAGE (/dev/termination-log), LEVIATHAN_WORKSPACE_DIR (/workspace), RUST_LOG (info).
///
/// Exit code 0: the work succeeded. 1: it did not, or could not begin. 2: the command line was wrong.
#[derive(Debug, Parser)]
#[command(name = "leviathan-worker", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Starts a worker for the attempt in a directory that an executor made, bounds it, and leaves its outcome there.
    Supervise {
        /// The attempt's directory.
        attempt_dir: PathBuf,
        /// The worker's command line.
        #[arg(last = true, required = true)]
        worker: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().verb {
        Some(Verb::Supervise { attempt_dir, worker }) => {
            leviathan_local::executor::supervise(&attempt_dir, &worker)
        }
        None => leviathan_worker::worker_main(),
    }
}
