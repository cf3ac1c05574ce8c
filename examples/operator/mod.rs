//! The rooms of the command line.

mod cli;
mod events;
mod lists;
mod log_of;
mod orders;
mod output;
mod plain;
mod run;
mod tables;
mod verifying;

use clap::Parser;
use plain::plain;
use std::io::Write;
use std::process::ExitCode;

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return told(&anyhow::Error::from(error)),
    };
    match runtime.block_on(run::run(cli)) {
        Ok(code) => code,
        // Whoever reads this has seen enough.
        Err(error) if is_unread(&error) => ExitCode::SUCCESS,
        Err(error) => told(&error),
    }
}

fn told(error: &anyhow::Error) -> ExitCode {
    // Nobody who reads this is left if it can't be written. What went wrong may quote what a worker said.
    let _ = writeln!(std::io::stderr(), "error: {}", plain(&format!("{error:#}")));
    ExitCode::FAILURE
}

fn is_unread(error: &anyhow::Error) -> bool {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.downcast_ref::<std::io::Error>().is_some_and(broken)
}
