//! A container's process.

use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

/// How long output may go on behind the end of the process, while something that it left behind holds it.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// A container's process, in a group of its own, which is killed when this is dropped.
pub(super) struct Process {
    child: Child,
    group: Pid,
    /// Ends when nobody holds the process' output any more.
    output: tokio::task::JoinHandle<()>,
}

impl Process {
    /// Starts it. `write` gets what it prints, a line at a time.
    pub(super) fn start(
        mut command: Command,
        mut write: impl FnMut(&str) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        let reader = pipe::Receiver::from_owned_fd(reader.into())?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).process_group(0);
        let child = command.spawn()?;
        // It holds writing ends.
        drop(command);
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let output = tokio::spawn(async move {
            let (mut reader, mut line) = (BufReader::new(reader), Vec::new());
            while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
                write(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        Ok(Self { child, group: id.expect("a new child has a pid"), output })
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> ExitStatus {
        let status = self.child.wait().await.expect("the status of a child");
        let _ = tokio::time::timeout(LAST_OUTPUT, &mut self.output).await;
        status
    }

    /// Asks it to stop, and kills it when the grace is over.
    pub(super) async fn stop(&mut self, grace: Duration) -> ExitStatus {
        let _ = kill_process_group(self.group, Signal::TERM);
        if let Ok(status) = tokio::time::timeout(grace, self.ended()).await {
            return status;
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        self.ended().await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        self.output.abort();
    }
}

/// The exit code, as a container runtime makes it.
pub(super) fn code_of(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255)
}
