//! The command line.

use crate::witness::Witness;
use clap::{Args, Parser, Subcommand};
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_http::view::TaskStatus;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Asks a control plane what there is and why something does not run, and gives it orders.
///
/// The operator's token is read from LEVIATHAN_CONTROL_PLANE_TOKEN (the first, if it holds two) or from the file of
/// --token-file. Texts that workers and agents wrote are shown with everything that a terminal would obey made visible.
///
/// Exit code: 0 when it was done, 1 when it could not be done or the log does not verify, 2 for a bad command line.
#[derive(Debug, Parser)]
#[command(name = "ctl", version)]
pub(crate) struct Cli {
    /// Where the control plane is
    #[arg(
        long,
        value_name = "URL",
        env = "LEVIATHAN_CONTROL_PLANE_URL",
        default_value = "http://127.0.0.1:8000",
        global = true
    )]
    pub(crate) url: String,
    /// File that holds the operator's token
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) token_file: Option<PathBuf>,
    /// Print JSON for programs: a list as an array, events one on each line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How long to try, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", global = true)]
    pub(crate) timeout: NonZeroU64,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is asked or ordered.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// How much there is of what, and where the log stands
    Summary,
    /// Attempts, newest first
    Attempts {
        #[command(flatten)]
        of: OfTarget,
        /// Only those of the task of this name
        #[arg(long)]
        task: Option<TaskId>,
        /// Only those of this status: created, submitted, running, succeeded, failed, cancelled or invalidated
        #[arg(long)]
        status: Option<AttemptStatus>,
    },
    /// One attempt with its events and artifacts
    Attempt {
        /// Its id
        id: AttemptId,
    },
    /// Attempts that failed, the last failure first
    Failures {
        #[command(flatten)]
        of: OfTarget,
    },
    /// Tasks, and why those that do not run don't
    Tasks {
        #[command(flatten)]
        of: OfTarget,
        /// Only those of this status: pending, in_progress, awaiting_merge, completed, failed or blocked
        #[arg(long)]
        status: Option<TaskStatus>,
    },
    /// One task, and why it does not run if it doesn't
    Task(OneTask),
    /// Events of the log, oldest first: the newest, or those behind a position
    Events {
        /// Begin behind this position
        #[arg(long, value_name = "POSITION")]
        after: Option<u64>,
        /// How many at most
        #[arg(long, value_name = "N", default_value = "50")]
        limit: NonZeroU64,
        /// Go on with what comes, until interrupted
        #[arg(long)]
        follow: bool,
    },
    /// Take back what an attempt came to, so that its task is done anew
    Invalidate {
        /// The attempt's id
        id: AttemptId,
        #[command(flatten)]
        because: Because,
    },
    /// Want an attempt to stop
    Cancel {
        /// The attempt's id
        id: AttemptId,
        #[command(flatten)]
        because: Because,
    },
    /// Let a failed or blocked task be tried again
    Retry {
        #[command(flatten)]
        task: OneTask,
        #[command(flatten)]
        because: Because,
    },
    /// Start nothing more of a target
    Pause {
        /// The target
        target: TargetId,
        #[command(flatten)]
        because: Because,
    },
    /// Let a paused target go on
    Resume {
        /// The target
        target: TargetId,
        #[command(flatten)]
        because: Because,
    },
    /// The limits in force, as JSON; with --set other ones
    Limits {
        /// File that holds the whole of the new limits in that form; `-` reads standard input
        #[arg(long, value_name = "FILE", requires = "reason")]
        set: Option<PathBuf>,
        /// Why, for whoever reads the log
        #[arg(long, requires = "set")]
        reason: Option<String>,
    },
    /// Write the log in its verifiable form to a file, or to standard output
    Export {
        /// The file; it appears once it is whole
        file: Option<PathBuf>,
        /// Begin behind this position; then it can't be verified by itself
        #[arg(long, value_name = "POSITION", default_value = "0")]
        after: u64,
    },
    /// Fetch the whole log and check it: every event in its place, unchanged, and nothing that was kept contradicts it
    Verify(Box<Witness>),
    /// What an attempt printed: its artifact of the type `log`
    Log {
        /// The attempt's id
        id: AttemptId,
        /// The name of the artifact, where there are several, or another one than a log
        #[arg(long)]
        name: Option<String>,
        /// Write its bytes to FILE as they are, instead of showing them
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Part of a list.
#[derive(Debug, Args)]
pub(crate) struct OfTarget {
    /// Only those of this target
    #[arg(long)]
    pub(crate) target: Option<TargetId>,
    /// How many at most
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) limit: NonZeroU64,
}

/// A task.
#[derive(Debug, Args)]
pub(crate) struct OneTask {
    /// The task's target
    pub(crate) target: TargetId,
    /// The task's id
    pub(crate) task: TaskId,
}

/// Why something is ordered.
#[derive(Debug, Args)]
pub(crate) struct Because {
    /// Why, for whoever reads the log
    #[arg(long)]
    pub(crate) reason: String,
}
