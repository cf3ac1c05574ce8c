//! `CommandSpec`: a command and its bounds.

use bytes::Bytes;
use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, time::Duration};

/// What [`run_command`](super::run_command) runs.
#[derive(Clone)]
pub struct CommandSpec {
    /// A path, or a name that is looked up in the `PATH` of [`env`](Self::env).
    pub program: OsString,
    /// Its arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// The whole environment: nothing is inherited.
    pub env: BTreeMap<OsString, OsString>,
    /// Where it runs.
    pub cwd: PathBuf,
    /// Written to its standard input, which is then closed. A command that does not read it is no error.
    pub stdin: Bytes,
    /// How long it may take. Then its group gets SIGTERM, and two seconds later SIGKILL.
    pub deadline: Duration,
    /// How many bytes of its output are kept: the first half of them from its beginning, the other from its end.
    pub output_limit: usize,
    /// What is killed when it ends.
    pub containment: Containment,
}

/// What is killed when a command ends, however it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Containment {
    /// Its process group. A process that left the group, for instance by `setsid`, lives on.
    Group,
    /// Everything that it left behind, also what left the group.
    ///
    /// For a process that called [`become_subreaper`](super::become_subreaper) and has no other children: *every* child of
    /// this process is killed and reaped, so only one such command may run at a time.
    Dedicated,
}

/// Values of the environment may be secrets, and standard input may hold them: neither is shown.
impl fmt::Debug for CommandSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandSpec")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &self.env.keys())
            .field("cwd", &self.cwd)
            .field("deadline", &self.deadline)
            .field("output_limit", &self.output_limit)
            .field("containment", &self.containment)
            .finish_non_exhaustive()
    }
}
