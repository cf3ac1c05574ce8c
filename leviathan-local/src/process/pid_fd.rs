//! `PidFd`: a hold on one process that no later process of the same number can take over.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A process, by descriptor. Must be made within a tokio runtime that has I/O switched on.
#[derive(Debug)]
pub(crate) struct PidFd(AsyncFd<OwnedFd>);

impl PidFd {
    /// Nothing if there is no such process.
    pub(crate) fn open(pid: Pid) -> io::Result<Option<Self>> {
        // Deprecated for descriptors that may be closed while they are registered, in favour of an unsafe function. This
        // one is owned, by the `AsyncFd` alone.
        #[allow(deprecated)]
        let register = |fd| AsyncFd::with_interest(fd, Interest::READABLE);
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => Ok(Some(Self(register(fd)?))),
            Err(Errno::SRCH) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns once the process has ended, reaped or not.
    pub(crate) async fn ended(&self) -> io::Result<()> {
        self.0.readable().await.map(|_| ())
    }

    /// Whether it has ended by now.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(self.0.get_ref(), PollFlags::IN)];
        // Even a question that does not wait can be interrupted, by the end of a child for instance.
        Ok(retry_on_intr(|| poll(&mut fds, Some(&Timespec::default())))? > 0)
    }

    /// Sends a signal. A process that has ended is no error.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(self.0.get_ref(), signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
