//! `SupervisorIdentity`: which process supervises an attempt.

use super::durable_file::about;
use crate::process::{PidFd, ProcStat};
use rustix::process::{Pid, Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::{fs, io};

/// `supervisor.json`. A pid alone may pass to another process; with its start time and the boot it cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SupervisorIdentity {
    pid: i32,
    /// In clock ticks since boot.
    start_time: u64,
    boot_id: String,
    /// What the worker and all that it starts belong to, unless they leave it.
    session: i32,
}

impl SupervisorIdentity {
    pub(crate) fn of_this_process() -> io::Result<Self> {
        let me = getpid();
        let stat = ProcStat::read(me)?.ok_or_else(|| io::Error::other("/proc does not list this process"))?;
        Ok(Self {
            pid: me.as_raw_nonzero().get(),
            start_time: stat.start_time,
            boot_id: boot_id()?,
            session: stat.session,
        })
    }

    /// Stands for no process, alive or dead: with it, an executor takes an attempt that no supervisor can be started for, so
    /// that none ever will be.
    pub(crate) fn nobody() -> Self {
        Self { pid: 0, start_time: 0, boot_id: String::new(), session: -1 }
    }

    /// A hold on the process, or nothing if it has ended.
    pub(crate) fn hold(&self) -> io::Result<Option<PidFd>> {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| boot_id().is_ok_and(|now| now == self.boot_id))
        else {
            return Ok(None);
        };
        let Some(hold) = PidFd::open(pid)? else { return Ok(None) };
        // The order matters: whoever has our start time now had the number when it was opened.
        let same = ProcStat::read(pid)?.is_some_and(|stat| stat.start_time == self.start_time);
        Ok(if same && !hold.has_ended()? { Some(hold) } else { None })
    }

    /// Kills what a dead supervisor left of its session: an attempt that counts as lost must not go on.
    pub(crate) fn kill_leftovers(&self) -> io::Result<()> {
        if self.session != self.pid || boot_id()? != self.boot_id {
            return Ok(());
        }
        let all = ProcStat::all()?;
        // Another process of this number means that the number, and with it the session, is somebody else's by now.
        let is_other = |stat: &ProcStat| {
            stat.pid.as_raw_nonzero().get() == self.session && stat.start_time != self.start_time
        };
        if all.iter().any(is_other) {
            return Ok(());
        }
        for stat in all {
            if stat.session == self.session && stat.start_time >= self.start_time {
                // It may have ended meanwhile.
                let _ = kill_process(stat.pid, Signal::KILL);
            }
        }
        Ok(())
    }
}

/// Names this run of the kernel.
fn boot_id() -> io::Result<String> {
    let path = Path::new("/proc/sys/kernel/random/boot_id");
    Ok(fs::read_to_string(path).map_err(|error| about(path, error))?.trim().to_owned())
}
