//! The rooms of the host program. Each does one thing; [`main`] says which program this process is.

mod api;
mod cli;
mod closing;
mod cluster;
mod demo;
mod export;
mod forge;
mod keep_in;
#[cfg(feature = "k8s")]
mod kubernetes;
mod narrator;
mod progress;
mod run;
mod source;
mod state_dir;

use clap::Parser;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

/// The first argument with which this binary runs as an attempt's worker.
const WORKER: &str = "worker";
/// The first argument with which this binary runs as an attempt's supervisor.
const SUPERVISE: &str = "supervise";

/// Runs as the host, or as the supervisor or the worker of one of its attempts: one binary is all there is to install.
pub(crate) fn main() -> ExitCode {
    match std::env::args_os().nth(1).as_deref().and_then(OsStr::to_str) {
        Some(WORKER) => leviathan_worker::worker_main(),
        Some(SUPERVISE) => supervise(std::env::args_os().skip(2).collect()),
        _ => run::main(cli::Cli::parse()),
    }
}

/// The executor appends the attempt's directory, `--` and the worker's command line.
fn supervise(arguments: Vec<OsString>) -> ExitCode {
    match arguments.as_slice() {
        [attempt_dir, dashes, worker @ ..] if dashes == "--" => {
            leviathan_local::executor::supervise(Path::new(attempt_dir), worker)
        }
        _ => ExitCode::from(2),
    }
}
