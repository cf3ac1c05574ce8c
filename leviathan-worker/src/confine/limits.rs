//! `CommandLimits`: how much a command may use.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::io;

const MB: u64 = 1024 * 1024;

/// How much a command of the agent, of `setup` or of the checks may use, as far as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLimits {
    /// Processes and threads of the worker's user at once, all of them counted, of this attempt or not. The kernel does not
    /// hold root to it.
    pub max_processes: u64,
    /// Memory that one process may have for data, in MB (1024 * 1024 bytes).
    pub max_memory_mb: u64,
    /// How large a file may become, in MB.
    pub max_file_mb: u64,
}

impl Default for CommandLimits {
    /// 4,096 processes, 8 GB for each, and files of 4 GB: enough for a large build.
    fn default() -> Self {
        Self { max_processes: 4096, max_memory_mb: 8 * 1024, max_file_mb: 4 * 1024 }
    }
}

impl CommandLimits {
    /// Holds this process, and all that it starts, to the limits. One that is lower already stays as it is.
    pub(super) fn set(&self) -> io::Result<()> {
        lower(Resource::Nproc, self.max_processes)?;
        lower(Resource::Data, self.max_memory_mb.saturating_mul(MB))?;
        lower(Resource::Fsize, self.max_file_mb.saturating_mul(MB))?;
        lower(Resource::Core, 0)
    }
}

fn lower(resource: Resource, to: u64) -> io::Result<()> {
    let most = Some(getrlimit(resource).maximum.map_or(to, |most| most.min(to)));
    Ok(setrlimit(resource, Rlimit { current: most, maximum: most })?)
}
