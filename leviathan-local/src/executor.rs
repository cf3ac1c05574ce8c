//! Attempts as processes of this machine: [`ProcessExecutor`] on the host's side, [`supervise`] on the attempt's.
//!
//! A restarted host can neither wait for a process that is not its child nor read its pipe. So each attempt has a
//! directory under `<state_dir>/attempts/` and a small supervisor process that outlives the host:
//!
//! | file | written by | holds |
//! |---|---|---|
//! | `spec.json` | the executor, before anybody can see the directory | what to run, and where its `attempt.created` stands |
//! | `supervisor.json` | the supervisor, exclusively, before it starts the worker | its pid, start time, boot and session |
//! | `output.log` | the supervisor | what the worker printed: its first 4 MiB, a note of what is left out, its last 4 MiB |
//! | `final_message` | the worker | its last word |
//! | `cancel.json` | the executor, exclusively | how long the worker may take to stop |
//! | `outcome.json` | the supervisor, by rename, as the last thing it does | how the worker ended |
//! | `supervisor.log` | the supervisor | what went wrong with itself |
//! | `workspace/`, `home/` | the worker | its work, and its empty `HOME` |
//!
//! Whoever creates `supervisor.json` is the one supervisor of the attempt: that is what makes launching twice harmless.
//! A directory without it is a launch that was cut short, which the next launch, cancel or watch finishes. One whose
//! supervisor is dead and left no outcome is lost.
//!
//! The program that is named as supervisor hands over to [`supervise`] first thing:
//!
//! ```no_run
//! use std::{env, ffi::OsString, path::Path, process::ExitCode};
//!
//! fn main() -> ExitCode {
//!     let args: Vec<OsString> = env::args_os().skip(1).collect();
//!     match &args[..] {
//!         [verb, attempt_dir, dashes, worker @ ..] if verb == "supervise" && dashes == "--" => {
//!             leviathan_local::executor::supervise(Path::new(attempt_dir), worker)
//!         }
//!         _ => ExitCode::SUCCESS, // whatever else the program does
//!     }
//! }
//! ```

mod attempt_dir;
mod attempt_name;
mod attempt_state;
mod attempts;
mod config;
mod durable_file;
mod end;
mod launch;
mod log_file;
mod outcome;
mod process_executor;
mod records;
mod state_dir;
mod supervise;
mod supervisor_identity;
mod watch;

pub use config::ProcessExecutorConfig;
pub use process_executor::ProcessExecutor;
pub use supervise::supervise;
