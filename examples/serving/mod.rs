//! The rooms of the API program.

mod run;
mod settings;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Serves the control plane's API.
///
/// It takes no arguments and is configured by its environment. What is wrong there is told all at once.
///
/// Who may ask:
///   LEVIATHAN_CONTROL_PLANE_TOKEN  operators' tokens, one, or two with a comma between them while one replaces the other
///   LEVIATHAN_WORKER_TOKEN         the tokens of workers; without any they use an operator's
///   LEVIATHAN_TOKEN_KEY            at least 32 random bytes, by which the tokens of attempts are signed, as the scheduler
///                                  has it; two with a comma between them while one replaces the other
///
/// What it stands before:
///   LEVIATHAN_BACKEND              `embedded` (the default): the log is in the state directory; or `postgres`
///   LEVIATHAN_STATE_DIR            the directory of an embedded log [default: .leviathan/api]
///   LEVIATHAN_POSTGRES_URL         the database, as postgres://user@host/database
///   LEVIATHAN_LOG                  which log of the database: the target's name, unless its scheduler was told another
///   LEVIATHAN_ARTIFACTS_URL        where artifacts are kept: file:///DIRECTORY, and s3://, gs:// or az:// BUCKET/PREFIX with
///                                  the feature `clouds`, which take credentials from the variables that are usual for them
///                                  [default with an embedded log: in the state directory]
///   LEVIATHAN_ARTIFACTS_SHARED     `yes` says of a file: URL with `postgres` that all who serve the log share the directory
///
/// How it serves:
///   LEVIATHAN_API_HOST             the address that is listened on [default: 127.0.0.1]
///   LEVIATHAN_API_PORT             the port [default: 8000; 0 takes any that is free]
///   LEVIATHAN_CHECKPOINT_KEY       32 bytes in 64 hex digits that checkpoints are signed with; without it there are none
///   LEVIATHAN_CHECKPOINT_KEY_FILE  or the file that holds them
///   RUST_LOG                       what is told on standard error, `info` for instance [default: warn]
///
/// Exit code: 0 when it was told to stop, 1 when it could not go on, 2 when it is configured badly.
#[derive(Debug, Parser)]
#[command(name = "api", version, verbatim_doc_comment)]
struct Cli {}

/// Serves until it is told to stop.
pub(crate) fn main() -> ExitCode {
    let Cli {} = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let settings = match settings::Settings::read() {
        Ok(settings) => settings,
        Err(faults) => return told(&faults.to_string(), 2),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return told(&format!("the runtime can't be started: {error}"), 1),
    };
    match runtime.block_on(run::run(settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => told(&format!("{error:#}"), 1),
    }
}

fn told(error: &str, code: u8) -> ExitCode {
    // Nobody who reads this is left if it can't be written.
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::from(code)
}
