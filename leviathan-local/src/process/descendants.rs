//! Everything below this process: found, killed, reaped.

use super::pid_fd::PidFd;
use super::proc_stat::ProcStat;
use futures::future::join_all;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};
use std::io;

/// Makes this process the parent of every orphan below it, so that [`Containment::Dedicated`](super::Containment) finds
/// what left its group. It holds for the process as a whole and for good: call it in a program's `main`, never in a
/// library behind its user's back.
///
/// # Errors
/// The kernel's refusal.
pub fn become_subreaper() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Kills and reaps the children of this process, and theirs as they become ours, until there are none.
pub(crate) async fn kill_and_reap_all() -> io::Result<()> {
    loop {
        // `waitpid(None)` would see only those of our own process group.
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            // Only this answer proves that nothing is left: a list of processes may miss one.
            Err(Errno::CHILD) => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(None) => {
                let found = descendants()?;
                let held: Vec<PidFd> = found.into_iter().filter_map(|pid| PidFd::open(pid).ok()?).collect();
                for process in &held {
                    process.signal(Signal::KILL)?;
                }
                join_all(held.iter().map(PidFd::ended)).await;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Kills what is below this process now, without waiting, for where waiting is impossible.
pub(crate) fn kill_all_now() {
    for pid in descendants().unwrap_or_default() {
        // It may have ended meanwhile; what could not be killed cannot be told to anybody here.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The pids below this process, each parent before its children.
fn descendants() -> io::Result<Vec<Pid>> {
    let all = ProcStat::all()?;
    let mut found = vec![getpid()];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let parent = parent.as_raw_nonzero().get();
        found.extend(all.iter().filter(|stat| stat.parent == parent).map(|stat| stat.pid));
        next += 1;
    }
    found.remove(0);
    Ok(found)
}
