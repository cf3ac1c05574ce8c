//! `Outcome`: how a worker ended, as its supervisor saw it.

use leviathan_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// `outcome.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) worker: WorkerEnd,
    /// Why the supervisor stopped it, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<StopReason>,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    /// How many bytes of its output were left out of the log.
    #[serde(default)]
    pub(crate) output_dropped: u64,
    /// Why the log could not be written whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output_error: Option<String>,
}

/// The end of the worker's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkerEnd {
    ExitCode(i32),
    Signal(i32),
    /// It could not be started: why.
    NotStarted(String),
    /// It was cancelled before it was started.
    NeverBegun,
}

/// Why a supervisor stopped its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StopReason {
    Deadline,
    Cancelled,
    /// The supervisor was told to end by somebody else than its executor.
    Interrupted,
}

impl From<ExitStatus> for WorkerEnd {
    fn from(status: ExitStatus) -> Self {
        match status.code() {
            Some(code) => Self::ExitCode(code),
            None => Self::Signal(status.signal().unwrap_or_default()),
        }
    }
}
