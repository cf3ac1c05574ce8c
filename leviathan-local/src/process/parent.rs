//! Dying with the supervisor.

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// The variable by which a supervisor tells its worker who it is: its pid.
pub const SUPERVISOR_PID: &str = "LEVIATHAN_SUPERVISOR_PID";

/// The supervisor that started this process is gone, so nobody will ever learn how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the supervisor that started this process is gone; exit without doing anything")]
pub struct ParentGone;

/// Asks the kernel to kill this process when its supervisor dies, however that happens. Does nothing in a process that no
/// supervisor started (without [`SUPERVISOR_PID`]).
///
/// Call it first thing in `main`: it covers this process, not those that it started before or starts later.
///
/// # Errors
/// [`ParentGone`] if the supervisor died before the kernel took note; also if the kernel refuses. Exit then.
pub fn die_with_parent() -> Result<(), ParentGone> {
    let Some(supervisor) = std::env::var_os(SUPERVISOR_PID) else { return Ok(()) };
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|_| ParentGone)?;
    // Had it died before the call above, we would have another parent by now.
    let parent = getppid().map(|pid| pid.as_raw_nonzero().to_string());
    if parent.is_some_and(|parent| supervisor == parent.as_str()) { Ok(()) } else { Err(ParentGone) }
}
