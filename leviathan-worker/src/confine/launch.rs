//! `Launch`: what a launcher is told, and the launcher itself.

use super::CommandLimits;
use super::caps;
use super::fence::Fence;
use rustix::thread::set_no_new_privs;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

/// The variable that makes this program a launcher.
pub(super) const LAUNCH: &str = "LEVIATHAN_LAUNCH";

/// The exit code of a launcher that could not become its command, as of a shell that finds no program.
const NOT_LAUNCHED: i32 = 127;

/// A command, and what to take upon oneself before becoming it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Launch {
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    pub(super) fence: Fence,
    pub(super) limits: CommandLimits,
}

impl Launch {
    pub(super) fn to_variable(&self) -> OsString {
        // Texts, numbers and lists of them are refused by nothing. An empty one makes the launcher stop, not run.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Becomes the command that the environment names, if it names one: then it does not return.
///
/// Call it before the process has a second thread: a fence closes around the thread that closes it.
pub(crate) fn take_role() {
    let Some(told) = std::env::var_os(LAUNCH) else { return };
    let launch = told.to_str().and_then(|told| serde_json::from_str::<Launch>(told).ok());
    let failed = match launch {
        Some(launch) => format!("{:?} was not started: {}", launch.program, become_command(&launch)),
        None => format!("{LAUNCH} holds no launch"),
    };
    // The command's own output is where the worker looks.
    let _ = writeln!(io::stderr(), "leviathan-worker: {failed}");
    exit(NOT_LAUNCHED)
}

/// What came in between.
fn become_command(launch: &Launch) -> io::Error {
    let confine = || -> io::Result<()> {
        launch.limits.set()?;
        caps::drop_all()?;
        set_no_new_privs(true)?;
        launch.fence.close().map_err(io::Error::other)
    };
    match confine() {
        Ok(()) => Command::new(&launch.program).args(&launch.args).env_remove(LAUNCH).exec(),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launch_comes_out_of_the_environment_as_it_went_in() {
        let launch = Launch {
            program: "sh".into(),
            args: vec!["-c".into(), "echo 'a b' \u{1f40b}".into()],
            fence: Fence { readable: vec!["/usr".into()], writable: vec!["/x y".into()], network: true },
            limits: CommandLimits::default(),
        };
        let told = launch.to_variable();
        assert_eq!(serde_json::from_str::<Launch>(told.to_str().unwrap()).unwrap(), launch);
    }
}
