//! `run_command`: one command, with bounds, to its end.

use super::tree::{Bounds, Stopped, run_tree};
use super::{CapturedOutput, CommandEnd, CommandExit, CommandSpec, RunError};
use leviathan_core::output::OutputCap;
use std::future;
use tokio::process::Command;

/// Runs a command in a process group of its own, and kills what [`CommandSpec::containment`] names when it ended, also
/// when this future is dropped. Must run within a tokio runtime that has I/O and time switched on.
///
/// A process out of reach that keeps the output open is waited for no longer than a second.
///
/// # Errors
/// [`RunError`] if the command could not be started or looked after. That it failed is no error.
pub async fn run_command(spec: &CommandSpec) -> Result<CommandEnd, RunError> {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).env_clear().envs(&spec.env).current_dir(&spec.cwd);
    let bounds = Bounds { stdin: &spec.stdin, deadline: spec.deadline, containment: spec.containment };
    let mut cap = OutputCap::new(spec.output_limit);
    let mut head = Vec::new();
    let mut keep = |chunk: &[u8]| head.extend_from_slice(cap.take(chunk));
    let end = run_tree(command, bounds, &mut keep, future::pending()).await?;
    let (tail, dropped) = cap.finish();
    let exit = match end.stopped {
        Some(Stopped::AtDeadline) => CommandExit::DeadlineExceeded,
        Some(Stopped::OnRequest) | None => end.status.into(),
    };
    Ok(CommandEnd { exit, output: CapturedOutput { head, tail, dropped }, duration: end.duration })
}
