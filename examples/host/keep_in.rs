//! `KeepIn`: what agents, setup and checks may reach and use on this machine.

use anyhow::{Context, Result};
use clap::Args;
use leviathan_core::executor::worker_env;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Given to every worker, which keeps to it.
#[derive(Debug, Args)]
pub(crate) struct KeepIn {
    /// Places that agents, setup and checks may read beside the system's and their own, separated by colons
    #[arg(long, value_name = "PATHS", value_delimiter = ':', env = worker_env::READABLE)]
    readable: Vec<PathBuf>,
    /// Places that they may write too: a cache of downloads that attempts share, for instance
    #[arg(long, value_name = "PATHS", value_delimiter = ':', env = worker_env::WRITABLE)]
    writable: Vec<PathBuf>,
    /// Processes of this user at which none of theirs can start another; not counted for root [default: 4096]
    #[arg(long, value_name = "N", env = worker_env::MAX_PROCESSES)]
    max_processes: Option<NonZeroU64>,
    /// Memory for the data of each of their processes, in MB [default: 8192]
    #[arg(long, value_name = "MB", env = worker_env::MAX_MEMORY_MB)]
    max_memory_mb: Option<NonZeroU64>,
    /// How large a file of theirs may become, in MB [default: 4096]
    #[arg(long, value_name = "MB", env = worker_env::MAX_FILE_MB)]
    max_file_mb: Option<NonZeroU64>,
}

impl KeepIn {
    /// As variables of a worker's environment.
    pub(crate) fn env(&self) -> Result<Vec<(String, String)>> {
        let places = [(worker_env::READABLE, &self.readable), (worker_env::WRITABLE, &self.writable)];
        let limits = [
            (worker_env::MAX_PROCESSES, self.max_processes),
            (worker_env::MAX_MEMORY_MB, self.max_memory_mb),
            (worker_env::MAX_FILE_MB, self.max_file_mb),
        ];
        let mut env = Vec::new();
        for (name, places) in places.into_iter().filter(|(_, places)| !places.is_empty()) {
            let absolute = places.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
            let joined = std::env::join_paths(absolute)?.into_string();
            let joined = joined.ok().with_context(|| format!("{name} must be UTF-8"))?;
            env.push((name.to_owned(), joined));
        }
        env.extend(
            limits.into_iter().filter_map(|(name, limit)| Some((name.to_owned(), limit?.to_string()))),
        );
        Ok(env)
    }
}
