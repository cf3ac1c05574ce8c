//! `ProcessExecutorConfig`: what a process executor is told by its host.

use leviathan_core::Secret;
use leviathan_core::artifact::ArtifactStore;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;

/// How a [`ProcessExecutor`](super::ProcessExecutor) starts attempts. None of it is part of an attempt's spec, and none of
/// its secrets reaches a disk or a command line: workers get them in their environment.
#[derive(Debug, Clone)]
pub struct ProcessExecutorConfig {
    /// Where attempts and the executor's name are kept. One host at a time may use it.
    pub state_dir: PathBuf,
    /// The command line of a supervisor, that is, of a program that calls [`supervise`](super::supervise). The attempt's
    /// directory, `--` and the worker's command line are appended. Name the program by an absolute path, as
    /// [`current_exe`](std::env::current_exe) gives it, or let `PATH` find it: it does not run where the host runs.
    pub supervisor: Vec<OsString>,
    /// The command line of a worker, its program named likewise. It is told everything by its environment.
    pub worker: Vec<OsString>,
    /// Where the attempts' logs are kept.
    pub artifacts: Arc<dyn ArtifactStore>,
    /// The API that workers report to.
    pub control_plane_url: String,
    /// Its token for workers.
    pub control_plane_token: Secret,
    /// Further variables of a worker's environment. They win over `PATH` and `HOME`, not over what says who it is.
    pub env: BTreeMap<String, String>,
    /// The same for secrets, for instance the forge's token under `GITHUB_TOKEN`.
    pub secrets: BTreeMap<String, Secret>,
    /// A command line to run as the agent, else the worker's own.
    pub agent_command: Option<String>,
    /// Names of the variables that the agent may see.
    pub agent_env: Vec<String>,
    /// Seconds for an attempt whose spec sets none.
    pub default_deadline_seconds: NonZeroU64,
}

impl ProcessExecutorConfig {
    /// An hour for each attempt, and nothing more in its environment than it needs.
    pub fn new(
        state_dir: impl Into<PathBuf>,
        supervisor: Vec<OsString>,
        worker: Vec<OsString>,
        artifacts: Arc<dyn ArtifactStore>,
        control_plane_url: impl Into<String>,
        control_plane_token: Secret,
    ) -> Self {
        Self {
            state_dir: state_dir.into(),
            supervisor,
            worker,
            artifacts,
            control_plane_url: control_plane_url.into(),
            control_plane_token,
            env: BTreeMap::new(),
            secrets: BTreeMap::new(),
            agent_command: None,
            agent_env: Vec::new(),
            default_deadline_seconds: NonZeroU64::MIN.saturating_add(3599),
        }
    }

    /// Every secret that a worker is given.
    pub(crate) fn all_secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.values().chain([&self.control_plane_token])
    }
}
