//! The command line.

use super::cluster::ClusterOptions;
use super::keep_in::KeepIn;
use crate::artifacts::{self, ArtifactsPlace};
use crate::environment::Environment;
use crate::log::check_built_in;
use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use leviathan_core::Secret;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

/// Works the backlog of a repository: runs attempts as local processes or Kubernetes Jobs, records every step in a hash-chained log, and
/// pushes what passes the repository's checks. Without arguments it makes a small demo repository and works that.
///
/// As with the API, LEVIATHAN_ARTIFACTS_URL names a directory or a bucket for artifacts, instead of the state directory; the
/// API's `--help` says how.
///
/// Exit code: 0 when all was done that could be done, whether or not every task succeeded; 1 when the host could not go
/// on; 2 for a bad command line.
#[derive(Debug, Parser)]
#[command(name = "scheduler", version)]
pub(crate) struct Cli {
    /// Target to work; without --repo it is read from NAME.yaml in the folder of --targets
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,
    /// Repository of the target: a URL or a path
    #[arg(long, value_name = "URL-or-PATH", requires = "target")]
    pub(crate) repo: Option<String>,
    /// Branch that work starts from [default: main, or what the target file says]
    #[arg(long, value_name = "BRANCH", requires = "repo")]
    pub(crate) branch: Option<String>,
    /// Folder of the target files
    #[arg(long, value_name = "DIR", default_value = "targets")]
    pub(crate) targets: PathBuf,
    /// Command line to run as the agent, in the checkout; it finds the task as JSON on its standard input
    #[arg(long, value_name = "COMMAND", env = "LEVIATHAN_AGENT_COMMAND")]
    pub(crate) agent_command: Option<String>,
    /// Names of environment variables that the agent may see, comma separated
    #[arg(long, value_name = "NAMES", value_delimiter = ',', env = "LEVIATHAN_AGENT_ENV")]
    pub(crate) agent_env: Vec<String>,
    /// Names of environment variables that setup and checks may see too: where tools are, never a secret
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        env = "LEVIATHAN_CHECKS_ENV",
        default_value = "RUSTUP_HOME"
    )]
    pub(crate) checks_env: Vec<String>,
    /// What agents, setup and checks may reach and use
    #[command(flatten)]
    pub(crate) keep_in: KeepIn,
    /// Start at most one attempt, wait for its end, and stop
    #[arg(long, conflicts_with = "watch")]
    pub(crate) once: bool,
    /// Go on for ever, reading the backlog again each minute
    #[arg(long)]
    pub(crate) watch: bool,
    /// What runs the attempts
    #[arg(long, value_enum, default_value_t = ExecutorKind::Local)]
    pub(crate) executor: ExecutorKind,
    /// Where Jobs run, and what they are made of
    #[command(flatten)]
    pub(crate) cluster: ClusterOptions,
    /// Where the log, the artifacts and the attempts are kept [default: .leviathan/NAME; the demo takes a new folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Where the log is kept
    #[arg(long, value_enum, env = "LEVIATHAN_BACKEND", default_value_t = Backend::Embedded)]
    pub(crate) backend: Backend,
    /// Database of the log, as postgres://user@host/database; better by the environment, as it may hold a password
    #[arg(long, value_name = "URL", env = "LEVIATHAN_POSTGRES_URL", hide_env_values = true)]
    pub(crate) postgres_url: Option<String>,
    /// Name of the log in the database; hosts that give the same one share it [default: the target's name]
    #[arg(long, value_name = "NAME", env = "LEVIATHAN_LOG")]
    pub(crate) log: Option<String>,
    /// Seconds for which the leader of the hosts that share a log leads before it must renew; another one waits so long
    /// when it has died
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub(crate) lease: NonZeroU32,
    /// Events by which a log in Postgres must have grown before the next snapshot of its graph is kept there; a long log
    /// must have grown by a quarter, too
    #[arg(long, value_name = "EVENTS", default_value = "10000")]
    pub(crate) snapshot_every: NonZeroU64,
    /// How many attempts may be open at once [default: 2, or what was last said]
    #[arg(long, value_name = "N")]
    pub(crate) max_running: Option<NonZeroU32>,
    /// Address that the API listens on
    #[arg(long, value_name = "ADDRESS", env = "LEVIATHAN_API_HOST", default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Port of the API [default: the one of the last run, else 8000, else any that is free]
    #[arg(long, value_name = "PORT", env = "LEVIATHAN_API_PORT")]
    pub(crate) port: Option<u16>,
    /// Let the target go on if it is paused, after what its reason names was set right
    #[arg(long)]
    pub(crate) resume: bool,
    /// Write the log in its verifiable form to FILE at the end
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
}

/// What runs the attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExecutorKind {
    /// A process of this machine for each attempt.
    Local,
    /// A Job of a Kubernetes cluster for each attempt.
    K8s,
}

/// Where the log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// In the state directory.
    Embedded,
    /// In a Postgres database, which several hosts may share.
    Postgres,
}

impl Cli {
    /// Refuses a log or an executor that this program can't open, before anything is made.
    pub(crate) fn check(&self) -> Result<()> {
        if self.executor == ExecutorKind::K8s {
            self.cluster.check(self.target.is_some())?;
        }
        match self.backend {
            Backend::Embedded => Ok(()),
            Backend::Postgres => check_built_in().and_then(|()| self.database().map(drop)),
        }
    }

    /// Where artifacts are kept, if the environment says it.
    pub(crate) fn artifacts(&self) -> Result<Option<ArtifactsPlace>> {
        let mut env = Environment::new(&|name| std::env::var_os(name));
        let said = artifacts::said(&mut env, self.backend == Backend::Postgres);
        Ok(env.finish(said)?)
    }

    /// Where the database is. It may hold a password.
    pub(crate) fn database(&self) -> Result<Secret> {
        let url = self.postgres_url.as_deref().filter(|url| !url.is_empty());
        url.map(Secret::new)
            .context("there is no database: LEVIATHAN_POSTGRES_URL says where the log is kept")
    }
}
