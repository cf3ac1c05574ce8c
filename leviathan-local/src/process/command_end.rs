//! `CommandEnd`: how a command ended.

use super::CapturedOutput;
use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

/// What [`run_command`](super::run_command) saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandEnd {
    /// How it ended.
    pub exit: CommandExit,
    /// Standard output and standard error, in the order in which they were written.
    pub output: CapturedOutput,
    /// From the start to the end of the command itself.
    pub duration: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandExit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal, which was not ours.
    Signal(i32),
    /// It was stopped at its deadline.
    DeadlineExceeded,
}

impl CommandExit {
    /// Whether it ended by itself with code 0.
    pub fn success(&self) -> bool {
        *self == Self::Code(0)
    }
}

impl From<ExitStatus> for CommandExit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for CommandExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "killed by signal {signal}"),
            Self::DeadlineExceeded => f.write_str("stopped at its deadline"),
        }
    }
}
