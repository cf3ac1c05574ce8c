//! `Witness`: learns when shell scripts have come to a point, and when the last of their processes is dead.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::pipe::{OpenOptions, Receiver, Sender};
use tokio::time::timeout;

/// Long enough for a busy machine; nothing waits this long unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A FIFO that a script opens with `exec 9>"$WITNESS"`. Whatever the script starts inherits it, so it reads as ended only
/// when all of that is dead.
pub(crate) struct Witness {
    path: PathBuf,
    // Open for writing too, so that it does not end before the script has opened it.
    lines: BufReader<Receiver>,
}

impl Witness {
    pub(crate) fn new(dir: &Path) -> Self {
        let path = dir.join("witness");
        let receiver = OpenOptions::new().read_write(true).open_receiver(fifo(&path)).unwrap();
        Self { path, lines: BufReader::new(receiver) }
    }

    pub(crate) fn env(&self) -> (OsString, OsString) {
        ("WITNESS".into(), self.path.clone().into())
    }

    /// The next line that a script wrote to descriptor 9.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.lines.read_line(&mut line)).await.expect("no script came so far").unwrap();
        line.trim_end().to_owned()
    }

    /// Returns once no process holds descriptor 9. Only after a [`line`](Self::line).
    pub(crate) async fn all_gone(self) {
        let mut receiver = OpenOptions::new().open_receiver(&self.path).unwrap();
        drop(self.lines);
        let mut rest = Vec::new();
        timeout(PATIENCE, receiver.read_to_end(&mut rest)).await.expect("a process lives on").unwrap();
    }
}

/// Holds a script up that waits with `read go < path`.
pub(crate) struct Gate(Sender);

impl Gate {
    /// Open for reading too, so that neither side waits for the other to come.
    pub(crate) fn new(path: &Path) -> Self {
        Self(OpenOptions::new().read_write(true).open_sender(fifo(path)).unwrap())
    }

    /// Lets one script go on, now or once it comes. The gate must live until then.
    pub(crate) fn open(&self) {
        assert_eq!(self.0.try_write(b"go\n").unwrap(), 3);
    }
}

fn fifo(path: &Path) -> &Path {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    path
}
