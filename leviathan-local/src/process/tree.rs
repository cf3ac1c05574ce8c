//! `run_tree`: a command with everything it starts, from the first process to the death of the last.

use super::command_spec::Containment;
use super::descendants::{kill_all_now, kill_and_reap_all};
use super::pid_fd::PidFd;
use super::run_error::RunError;
use futures::future::{Either, join, select};
use rustix::process::{Pid, Signal, kill_process_group};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// Between SIGTERM and SIGKILL at a deadline.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(2);
/// How long a process that outlived the command may keep its output open, and how long SIGKILL may take to work.
const LAST_WAIT: Duration = Duration::from_secs(1);
const REAP_WAIT: Duration = Duration::from_secs(10);

/// The bounds of [`run_tree`], and what it feeds the command.
pub(crate) struct Bounds<'a> {
    pub(crate) stdin: &'a [u8],
    pub(crate) deadline: Duration,
    pub(crate) containment: Containment,
}

/// Why a command was stopped before it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    AtDeadline,
    OnRequest,
}

/// How a tree ended.
#[derive(Debug)]
pub(crate) struct TreeEnd {
    pub(crate) status: ExitStatus,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) duration: Duration,
}

/// Runs `command` (program, arguments, environment and working directory are set) in a process group of its own until it
/// ends, its deadline passes, or `stop` gives the grace after which it is killed. `output` gets what it prints, both
/// streams through one pipe. When this returns or is dropped, what `bounds.containment` names is dead.
pub(crate) async fn run_tree(
    mut command: Command,
    bounds: Bounds<'_>,
    output: &mut (dyn FnMut(&[u8]) + Send),
    stop: impl Future<Output = Duration>,
) -> Result<TreeEnd, RunError> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let cwd = command.as_std().get_current_dir().map(ToOwned::to_owned);
    let not_started = |source| match &cwd {
        Some(cwd) if !cwd.is_dir() => RunError::NoDirectory { program: program.clone(), cwd: cwd.clone() },
        _ => RunError::NotStarted { program: program.clone(), source },
    };
    let lost_hold = |source| RunError::LostHold { program: program.clone(), source };

    let (reader, writer) = io::pipe().map_err(not_started)?;
    let reader = pipe::Receiver::from_owned_fd(reader.into()).map_err(not_started)?;
    command
        .stdin(if bounds.stdin.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(writer.try_clone().map_err(not_started)?)
        .stderr(writer)
        .process_group(0)
        .kill_on_drop(true);
    let started = Instant::now();
    let child = command.spawn().map_err(not_started)?;
    // The command holds writing ends of the pipe, and would keep the reader waiting.
    drop(command);
    let mut tree = Tree::new(child, bounds.containment).map_err(lost_hold)?;

    let stdin = tree.child.stdin.take();
    let io = pin!(join(feed(stdin, bounds.stdin), drain(reader, output)));
    let (ended, io) = {
        let ending = pin!(tree.ended(bounds.deadline, stop));
        match select(ending, io).await {
            Either::Left((ended, io)) => (ended, Some(io)),
            Either::Right((_, ending)) => (ending.await, None),
        }
    };
    let stopped = ended.map_err(lost_hold)?;
    let duration = started.elapsed();
    let status = tree.finish().await.map_err(lost_hold)?;
    if let Some(io) = io {
        // Beyond this only a process outside of our reach still holds the pipe: it is not waited for.
        let _ = timeout(LAST_WAIT, io).await;
    }
    Ok(TreeEnd { status, stopped, duration })
}

/// A started command. Dropping it kills it, like finishing it, but without waiting.
struct Tree {
    child: Child,
    leader: Pid,
    hold: PidFd,
    containment: Containment,
    swept: bool,
}

impl Tree {
    fn new(child: Child, containment: Containment) -> io::Result<Self> {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let leader = leader.ok_or_else(|| io::Error::other("a new child has no pid"))?;
        match PidFd::open(leader) {
            Ok(Some(hold)) => Ok(Self { child, leader, hold, containment, swept: false }),
            refused => {
                // The child itself dies with its handle; this takes what it may have started already.
                let _ = kill_process_group(leader, Signal::KILL);
                refused.and(Err(io::Error::other("a child that was not waited for is gone")))
            }
        }
    }

    /// Returns once the leader has ended, and why it was stopped if it was.
    async fn ended(
        &self,
        deadline: Duration,
        stop: impl Future<Output = Duration>,
    ) -> io::Result<Option<Stopped>> {
        let (stopped, grace) = tokio::select! {
            biased;
            ended = self.hold.ended() => return ended.map(|()| None),
            grace = stop => (Stopped::OnRequest, grace),
            () = tokio::time::sleep(deadline) => (Stopped::AtDeadline, STOP_GRACE),
        };
        self.signal(Signal::TERM);
        if let Ok(ended) = timeout(grace, self.hold.ended()).await {
            return ended.map(|()| Some(stopped));
        }
        self.signal(Signal::KILL);
        self.hold.ended().await.map(|()| Some(stopped))
    }

    /// Signals the group. Its number cannot have passed to another one: the leader is not reaped yet.
    fn signal(&self, signal: Signal) {
        // The only error left is that there is nobody to signal.
        let _ = kill_process_group(self.leader, signal);
    }

    /// Kills what is left, then reaps.
    async fn finish(mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::KILL);
        let status = self.child.wait().await?;
        if self.containment == Containment::Dedicated {
            match timeout(REAP_WAIT, kill_and_reap_all()).await {
                Ok(done) => done?,
                Err(_) => tracing::warn!("processes that a command left behind survive SIGKILL"),
            }
        }
        self.swept = true;
        Ok(status)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Once it is reaped, its number may belong to another group.
        if self.child.id().is_some() {
            self.signal(Signal::KILL);
        }
        if self.containment == Containment::Dedicated && !self.swept {
            kill_all_now();
        }
    }
}

/// Writes all of `bytes` and closes. A command that does not read them is its own affair.
async fn feed(stdin: Option<ChildStdin>, bytes: &[u8]) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(bytes).await;
    }
}

/// Passes on what arrives until every writer is gone.
async fn drain(mut reader: pipe::Receiver, output: &mut (dyn FnMut(&[u8]) + Send)) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = reader.read(&mut chunk).await {
        output(&chunk[..length]);
    }
}
