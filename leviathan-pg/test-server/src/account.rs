//! `Account`: whom the server runs as.

use crate::ServerError;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Another user than this process's, if that is root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    /// This process's own, or as root `postgres`, else `nobody`.
    pub(crate) fn find() -> Result<Self, ServerError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd").map_err(ServerError::io("read /etc/passwd"))?;
        let ids = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        let found = ids("postgres").or_else(|| ids("nobody"));
        let nobody = || std::io::Error::other("there is neither postgres nor nobody in /etc/passwd");
        found
            .map(|ids| Self(Some(ids)))
            .ok_or_else(|| ServerError::io("find a user for the server")(nobody()))
    }

    /// Has a command run as this user, with no terminal's signals, in a folder that the user may enter.
    pub(crate) fn apply(self, command: &mut Command, folder: &Path) {
        command.current_dir(folder).process_group(0);
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
    }

    /// Gives a folder to this user.
    pub(crate) fn give(self, folder: &Path) -> Result<(), ServerError> {
        let Self(Some((user, group))) = self else { return Ok(()) };
        let what = format!("give {} to the server's user", folder.display());
        std::os::unix::fs::chown(folder, Some(user), Some(group)).map_err(ServerError::io(what))
    }
}
