//! The worker as a process: [`worker_main`].

use crate::confine::{Confiner, Shortfall, take_role};
use crate::report::write_final_message;
use crate::{CommandAgent, Worker, WorkerConfig};
use leviathan_core::executor::{AttemptResult, Cause, worker_env};
use leviathan_core::id::AttemptId;
use leviathan_http::client::ControlPlane;
use leviathan_local::process::{Containment, become_subreaper, die_with_parent};
use rustix::process::{DumpableBehavior, geteuid, set_dumpable_behavior};
use std::io::{self, Write};
use std::{path::Path, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Runs the attempt that this process's environment describes and ends the process: with 0 if the work succeeded, with 1
/// if not, whether or not the report was delivered. What happens is logged to standard error, by `RUST_LOG`.
///
/// Call it first thing in `main`, before there are threads and in a process that does nothing else: it becomes the parent of
/// every orphan below it, forbids that others read its memory, and kills all its children when a command ends. It starts the
/// program anew, with the same arguments, for each command of agent, `setup` and checks, to confine itself and become that
/// command. Threads that hang in git do not hold it.
pub fn worker_main() -> ! {
    std::process::exit(run())
}

fn run() -> i32 {
    take_role();
    if let Err(gone) = die_with_parent() {
        say(&gone.to_string());
        return 1;
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A host that has a log of its own keeps it.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
    let containment = harden();
    let variable = |name: &str| std::env::var(name).ok();
    let config = WorkerConfig::from_env(variable).map_err(|error| error.to_string());
    let prepared = config.and_then(|config| {
        let control_plane = ControlPlane::new(&config.control_plane_url, config.control_plane_token.clone());
        let control_plane = control_plane.map_err(|error| error.to_string())?;
        Ok((confiner(&config)?, config, control_plane))
    });
    match prepared {
        Ok((confiner, config, control_plane)) => work(config, confiner, &control_plane, containment),
        Err(error) => {
            say(&error);
            leave_word(variable, &error);
            1
        }
    }
}

/// What this process must be before it starts anything.
fn harden() -> Containment {
    // Its environment holds secrets, and what it starts may run as the same user.
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "programs of this user can read the worker's memory");
    }
    match become_subreaper() {
        Ok(()) => Containment::Dedicated,
        Err(error) => {
            tracing::warn!(%error, "programs that leave their process group can outlive the attempt");
            Containment::Group
        }
    }
}

/// How what this process starts is kept in. What the kernel does not offer for it is said aloud; where root would have to
/// rely on that, nothing begins.
fn confiner(config: &WorkerConfig) -> Result<Confiner, String> {
    if let Some(shortfall) = Shortfall::find() {
        if shortfall.bares_root() && geteuid().is_root() {
            return Err(format!("the worker cannot start as root: {shortfall}; run it as another user"));
        }
        tracing::warn!("this kernel does not keep everything in: {shortfall}");
    }
    if geteuid().is_root() {
        tracing::warn!("the kernel counts no processes for root: only the deadline ends a fork bomb here");
    }
    Confiner::new(std::env::args_os().skip(1).collect(), config)
}

fn work(
    config: WorkerConfig,
    confiner: Confiner,
    control_plane: &ControlPlane,
    containment: Containment,
) -> i32 {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("the worker cannot start: no runtime: {error}"));
            return 1;
        }
    };
    let agent = CommandAgent::new(config.agent_command.clone(), config.agent_env.clone(), containment);
    let worker = Worker::new(config, Arc::new(agent), containment).confined(confiner);
    let report = runtime.block_on(worker.run(control_plane, told_to_stop()));
    // Not waited for: a thread may hang in git.
    runtime.shutdown_background();
    report.exit_code()
}

/// Ends when somebody asks the process to stop.
async fn told_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Leaves a final message for an attempt that could not even begin, as far as it is known where.
fn leave_word(variable: impl Fn(&str) -> Option<String>, error: &str) {
    let attempt = variable(worker_env::ATTEMPT_ID).and_then(|id| AttemptId::new(id).ok());
    if let (Some(attempt), Some(path)) = (attempt, variable(worker_env::FINAL_MESSAGE)) {
        let message = AttemptResult::failed(Cause::ConfigError, error).final_message(attempt);
        if let Err(error) = write_final_message(Path::new(&path), &message) {
            say(&format!("the final message was not written to {path}: {error}"));
        }
    }
}

/// One line on standard error. If that is closed there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "leviathan-worker: {line}");
}
