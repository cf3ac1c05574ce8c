//! The processes of an attempt, as the system lists them.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// Which processes are killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    /// The worker alone; its supervisor sees it die.
    Worker,
    /// Supervisor, worker and all below them, as when the machine loses its power.
    All,
}

/// Kills with SIGKILL what belongs to the one attempt under way below the executor's state directory.
pub(crate) fn kill(state: &Path, victim: Victim) {
    let supervisor = supervisors(state).pop().expect("an attempt is under way");
    let workers = children(supervisor);
    match victim {
        Victim::Worker => workers.into_iter().for_each(kill_one),
        Victim::All => {
            let mut all = vec![supervisor];
            let mut next = 0;
            while let Some(&parent) = all.get(next) {
                all.extend(children(parent));
                next += 1;
            }
            all.into_iter().for_each(kill_one);
        }
    }
}

/// The supervisors that are alive.
fn supervisors(state: &Path) -> Vec<i32> {
    let attempts = std::fs::read_dir(state.join("attempts")).unwrap().flatten().map(|entry| entry.path());
    let identity = |dir: std::path::PathBuf| {
        let text = std::fs::read_to_string(dir.join("supervisor.json")).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        i32::try_from(json["pid"].as_i64()?).ok()
    };
    attempts.filter_map(identity).filter(|pid| parent_of(*pid).is_some()).collect()
}

fn children(parent: i32) -> Vec<i32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// The parent of a process that is alive.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // What stands behind the name, which may hold anything: the state, and the parent.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if fields.next()? == "Z" { None } else { fields.next()?.parse().ok() }
}

fn kill_one(pid: i32) {
    // One that ended meanwhile needs no killing.
    let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
}
