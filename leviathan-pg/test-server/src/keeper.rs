//! `Keeper`: removes a server when whoever started it is gone.

use crate::ServerError;
use crate::account::Account;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Reads until the other end of its input is closed, which every end of this process does; then stops the server and
/// removes its folder.
const SCRIPT: &str = r#"cat >/dev/null; "$1" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2""#;

/// A process that outlives this one by a moment.
#[derive(Debug)]
pub(crate) struct Keeper {
    child: Child,
    /// None only while it is dropped.
    held: Option<ChildStdin>,
}

impl Keeper {
    pub(crate) fn over(folder: &Path, pg_ctl: &Path, account: Account) -> Result<Self, ServerError> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "keeper"]).arg(pg_ctl).arg(folder);
        account.apply(&mut command, Path::new("/"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(ServerError::io("start sh"))?;
        let held = child.stdin.take();
        Ok(Self { child, held })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.held = None;
        // It removes what it can, whatever its exit code is.
        let _ = self.child.wait();
    }
}
