//! `Source`: a target's backlog and policy, read from the tip of its default branch.

use super::progress::Progress;
use anyhow::{Context, Result, bail};
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::executor::worker_env;
use leviathan_core::policy::Policy;
use leviathan_core::{Ledger, Secret, TargetConfig};
use leviathan_worker::{TargetFiles, read_target};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How often the backlog is read again while watching.
const PERIOD: Duration = Duration::from_secs(60);

/// Reads one target's files again and again.
#[derive(Debug)]
pub(crate) struct Source {
    target: TargetConfig,
    token: Option<Secret>,
    /// The commit that was read last, and needs no second look.
    known: Option<String>,
}

/// A backlog and a policy without faults, at one commit.
#[derive(Debug)]
pub(crate) struct Snapshot(Command);

impl Snapshot {
    pub(crate) fn command(self) -> Command {
        self.0
    }
}

impl Source {
    pub(crate) fn new(target: TargetConfig) -> Self {
        Self { target, token: github_token(), known: None }
    }

    /// Reads the files for the first time.
    ///
    /// # Errors
    /// If the repository can't be read, has no backlog, or one of the files has a fault; each fault is named.
    pub(crate) async fn read(&mut self) -> Result<Snapshot> {
        self.read_if_moved().await?.context("the repository was read already")
    }

    /// Reads the files and takes them over, if the branch has moved. A fault leaves the last good backlog in force.
    pub(crate) async fn take_over(&mut self, ledger: &Ledger) -> Result<()> {
        let Some(snapshot) = self.read_if_moved().await? else { return Ok(()) };
        let submitted = ledger.submit(snapshot.command()).await;
        if submitted.is_err() {
            self.known = None;
        }
        submitted.map(drop).context("it was not taken over")
    }

    async fn read_if_moved(&mut self) -> Result<Option<Snapshot>> {
        let (url, branch) = (self.target.repo_url.clone(), self.target.default_branch.clone());
        let (token, known) = (self.token.clone(), self.known.clone());
        let read = tokio::task::spawn_blocking(move || read_target(&url, &branch, token, known.as_deref()));
        let Some(files) = read.await.context("the repository can't be read")?? else { return Ok(None) };
        self.known = Some(files.commit.clone());
        self.snapshot(files).map(Some)
    }

    fn snapshot(&self, files: TargetFiles) -> Result<Snapshot> {
        let TargetFiles { commit, backlog, policy } = files;
        let Some(backlog) = backlog else {
            bail!(
                "{} has no .leviathan/backlog.yaml on its branch {}",
                self.target.repo_url,
                self.target.default_branch
            )
        };
        let read = Backlog::parse(&backlog, Backlog::PATH);
        let policy = policy.map_or_else(|| Ok(Policy::default()), |text| Policy::parse(&text, Policy::PATH));
        let of_backlog = read.as_ref().map_or_else(|bad| &bad.faults, |backlog| &backlog.faults);
        let of_policy = policy.as_ref().err().map(|bad| &bad.faults);
        let faults: Vec<String> =
            of_backlog.iter().chain(of_policy.into_iter().flatten()).map(ToString::to_string).collect();
        let (Ok(backlog), Ok(policy), []) = (read, policy, faults.as_slice()) else {
            bail!("the files at {commit} have faults, nothing was taken over:\n  {}", faults.join("\n  "))
        };
        Ok(Snapshot(Command::SyncBacklog {
            target: self.target.target_id.clone(),
            commit,
            policy: policy.target_policy(),
            backlog,
        }))
    }
}

/// The token for the repository and its forge, if there is one.
pub(crate) fn github_token() -> Option<Secret> {
    std::env::var(worker_env::GITHUB_TOKEN).ok().filter(|token| !token.is_empty()).map(Secret::new)
}

/// Takes over a target's files each minute. What goes wrong is told.
pub(crate) async fn follow(source: Arc<Mutex<Source>>, ledger: Ledger, progress: Progress) {
    loop {
        tokio::time::sleep(PERIOD).await;
        if let Err(error) = source.lock().await.take_over(&ledger).await {
            progress.line(&format!("the backlog stays as it was: {error:#}"));
        }
    }
}
