//! `CheckRun`: one run of one command.

use leviathan_local::process::CommandExit;
use std::time::Duration;

/// How one of the repository's commands ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRun {
    /// The command line.
    pub command: String,
    /// How it ended.
    pub exit: CommandExit,
    /// How long it ran.
    pub duration: Duration,
    /// What it said, its middle left out where it is long.
    pub output: Vec<u8>,
    /// The agent's round that it judged; 0 for `setup`, which runs before the first.
    pub round: u32,
}

impl CheckRun {
    /// Whether it ended with code 0.
    pub fn passed(&self) -> bool {
        self.exit.success()
    }

    /// Its exit code; none if it was killed.
    pub fn exit_code(&self) -> Option<i32> {
        match self.exit {
            CommandExit::Code(code) => Some(code),
            CommandExit::Signal(_) | CommandExit::DeadlineExceeded => None,
        }
    }
}
