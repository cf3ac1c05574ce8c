//! Running commands with bounds: a deadline, a cap on output, and an end for everything that was started.
//!
//! [`run_command`] runs one command to its end. A worker, whose commands may start processes that leave their group,
//! calls [`become_subreaper`] once and uses [`Containment::Dedicated`]. Linux 5.4 or newer.

mod command_end;
mod command_spec;
mod descendants;
mod parent;
mod pid_fd;
mod proc_stat;
mod run;
mod run_error;
mod tree;

pub use command_end::{CommandEnd, CommandExit};
pub use command_spec::{CommandSpec, Containment};
pub use descendants::become_subreaper;
pub use leviathan_core::output::CapturedOutput;
pub use parent::{ParentGone, SUPERVISOR_PID, die_with_parent};
pub(crate) use pid_fd::PidFd;
pub(crate) use proc_stat::ProcStat;
pub use run::run_command;
pub use run_error::RunError;
pub(crate) use tree::{Bounds, STOP_GRACE, Stopped, run_tree};
