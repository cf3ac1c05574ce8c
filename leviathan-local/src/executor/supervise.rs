//! `supervise`: the process that stands between a host and one worker.

use super::attempt_dir::AttemptDir;
use super::launch::Readiness;
use super::log_file::{LogFile, LogGaps};
use super::outcome::{Outcome, StopReason, WorkerEnd};
use super::records::LaunchRecord;
use super::supervisor_identity::SupervisorIdentity;
use crate::SystemClock;
use crate::process::{
    Bounds, Containment, RunError, STOP_GRACE, SUPERVISOR_PID, Stopped, become_subreaper, run_tree,
};
use leviathan_core::Clock;
use leviathan_core::executor::worker_env;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, setsid,
};
use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{self, Path};
use std::process::ExitCode;
use std::time::Duration;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// Open files that a worker may have, where the system allows as many: enough for a build, few enough that programs which
/// close every possible one at their start do so in no time.
const OPEN_FILES: u64 = 8192;

/// Supervises the attempt in `attempt_dir`, as [`ProcessExecutor`](super::ProcessExecutor) asks for it: starts the command
/// line `worker` with this process's own environment, bounds it, and leaves its outcome in the directory. If the attempt
/// has a supervisor or an outcome already, nothing is done, so it may be called at will.
///
/// Call it first thing in `main`, on the main thread of a process that exists for nothing else: it starts a session,
/// becomes a child subreaper, forbids core dumps, and at the end kills every child that is left. It says on standard output
/// whether it took the attempt, and answers SIGTERM by stopping the worker.
pub fn supervise(attempt_dir: &Path, worker: &[OsString]) -> ExitCode {
    let supervised = prepare_process().and_then(|()| {
        let dir = AttemptDir::at(path::absolute(attempt_dir)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(take_over(&dir, worker))
    });
    match supervised {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Readiness::Failed(error.to_string()).say();
            // `supervisor.log`, where a person looks who finds the attempt lost. There is nobody else to tell.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// What this process and all below it must be, before anything is started.
fn prepare_process() -> io::Result<()> {
    // Refused to the leader of a process group, as a shell with job control makes one; it is then one already.
    let _ = setsid();
    become_subreaper()?;
    // The environment holds the worker's secrets: no core dump, no reading of it by what the worker starts.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(maximum.map_or(OPEN_FILES, |most| most.min(OPEN_FILES)));
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}

/// Takes the attempt, if nobody has it, and sees it to its end.
async fn take_over(dir: &AttemptDir, worker: &[OsString]) -> io::Result<()> {
    // Before the claim: whoever reads it may cancel at once, and an unhandled SIGTERM would kill us.
    let mut terminate = signal(SignalKind::terminate())?;
    let absent = || io::Error::other(format!("{}: no attempt here", dir.path().display()));
    let launch = dir.launch()?.ok_or_else(absent)?;
    let no_worker = || io::Error::other("the command line names no worker to start");
    let (program, args) = worker.split_first().ok_or_else(no_worker)?;
    if dir.outcome()?.is_some() || !dir.claim(&SupervisorIdentity::of_this_process()?)? {
        Readiness::Refused.say();
        return Ok(());
    }
    Readiness::Claimed.say();

    let started_at = SystemClock.now();
    if dir.cancel_request()?.is_some() {
        return dir.record_outcome(&Outcome {
            worker: WorkerEnd::NeverBegun,
            stopped: Some(StopReason::Cancelled),
            started_at,
            ended_at: started_at,
            output_dropped: 0,
            output_error: None,
        });
    }
    let mut command = Command::new(program);
    command
        .args(args)
        .env(worker_env::FINAL_MESSAGE, dir.final_message())
        .env(worker_env::WORKSPACE_DIR, dir.workspace())
        .env(SUPERVISOR_PID, std::process::id().to_string())
        .current_dir(dir.workspace());
    let reason = Cell::new(StopReason::Interrupted);
    let stop = async {
        terminate.recv().await;
        match dir.cancel_request() {
            Ok(Some(request)) => {
                reason.set(StopReason::Cancelled);
                request.grace()
            }
            _ => STOP_GRACE,
        }
    };
    let (worker, stopped, gaps) = run_worker(dir, &launch, command, stop).await?;
    dir.record_outcome(&Outcome {
        worker,
        stopped: stopped.map(|stopped| match stopped {
            Stopped::AtDeadline => StopReason::Deadline,
            Stopped::OnRequest => reason.get(),
        }),
        started_at,
        ended_at: SystemClock.now(),
        output_dropped: gaps.dropped,
        output_error: gaps.error,
    })
}

/// From the worker's start to the death of the last process below it.
async fn run_worker(
    dir: &AttemptDir,
    launch: &LaunchRecord,
    command: Command,
    stop: impl Future<Output = Duration>,
) -> io::Result<(WorkerEnd, Option<Stopped>, LogGaps)> {
    let bounds = Bounds {
        stdin: &[],
        deadline: Duration::from_secs(launch.deadline_seconds.get()),
        containment: Containment::Dedicated,
    };
    let mut log = LogFile::create(&dir.output())?;
    let end = run_tree(command, bounds, &mut |chunk| log.take(chunk), stop).await;
    let gaps = log.finish();
    match end {
        Ok(end) => Ok((end.status.into(), end.stopped, gaps)),
        Err(lost @ RunError::LostHold { .. }) => Err(io::Error::other(lost)),
        Err(not_started) => Ok((WorkerEnd::NotStarted(not_started.to_string()), None, gaps)),
    }
}
