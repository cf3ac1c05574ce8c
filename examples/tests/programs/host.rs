//! `Host`: the real host program in a process of its own.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Far longer than any run takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who ended a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Itself,
    Us,
    Shim,
}

/// A running host. It is killed when it is dropped.
pub(crate) struct Host {
    child: Child,
}

impl Host {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        Self { child: command.spawn().expect("the host starts") }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the host can be asked").is_none()
    }

    /// Kills it, if it still runs. Tells who ended it, and what it had printed.
    pub(crate) fn kill(mut self) -> (Ended, String) {
        let ended = self.child.try_wait().expect("the host can be asked");
        // It may have ended by itself in the meantime.
        let _ = self.child.kill();
        self.child.wait().expect("the host ended");
        let mut bytes = Vec::new();
        let mut out = self.child.stdout.take().expect("its output is a pipe");
        out.read_to_end(&mut bytes).expect("its output can be read");
        let ended = match ended {
            None => Ended::Us,
            Some(status) if status.signal() == Some(9) => Ended::Shim,
            Some(_) => Ended::Itself,
        };
        // A line that was cut in the middle of a character says nothing.
        (ended, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Kills it where it stands.
    #[cfg(feature = "postgres")]
    pub(crate) fn kill_now(&mut self) {
        self.child.kill().expect("the host can be killed");
        self.child.wait().expect("the host ended");
    }

    /// Asks it to stop.
    #[cfg(feature = "k8s")]
    pub(crate) fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it can be asked to stop");
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        let mut out = self.child.stdout.take().expect("its output is a pipe");
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).map(|_| text)
        });
        while self.is_running() {
            assert!(Instant::now() < deadline, "the host did not end within {PATIENCE:?}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        let status = self.child.wait().expect("the host ended");
        (status, reader.join().expect("the reader ends").expect("the host prints text"))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
