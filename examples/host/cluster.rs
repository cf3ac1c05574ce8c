//! `ClusterOptions`: where Kubernetes runs the attempts, and what their Jobs are made of.

use super::cli::Cli;
use super::run::Work;
use anyhow::{Result, bail, ensure};
use clap::Args;
use leviathan_core::Ledger;
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::executor::Executor;
use std::path::PathBuf;
use std::sync::Arc;

/// What is said where Jobs are asked for that this program can't make.
const NOT_BUILT_IN: &str = "this program was built without Kubernetes; build it with the feature: \
    cargo run --features k8s --example scheduler";

/// Of `--executor k8s`. The cluster is the one of `KUBECONFIG`, else the one that this program runs in.
#[derive(Debug, Args)]
pub(crate) struct ClusterOptions {
    /// With --executor k8s: namespace of the Jobs
    #[arg(long, value_name = "NAME", default_value = "leviathan")]
    pub(crate) namespace: String,
    /// With --executor k8s: image of the workers
    #[arg(
        long,
        value_name = "IMAGE",
        env = "LEVIATHAN_EXECUTOR_IMAGE",
        default_value = "leviathan-worker:local"
    )]
    pub(crate) image: String,
    /// With --executor k8s: where pods reach the API
    #[arg(long, value_name = "URL", env = "LEVIATHAN_CONTROL_PLANE_URL")]
    pub(crate) control_plane_url: Option<String>,
    /// With --executor k8s: key of the Secret leviathan-secrets that holds the workers' token, for a role that may not
    /// create Secrets [default: control-plane-token, an operator's, which is warned about]
    #[arg(long, value_name = "KEY")]
    pub(crate) worker_token_key: Option<String>,
    /// With --executor k8s: pod template in YAML that is laid over the workers' pods
    #[arg(long, value_name = "FILE")]
    pub(crate) pod_template: Option<PathBuf>,
}

impl ClusterOptions {
    /// Refuses what can't work, before anything is made.
    pub(crate) fn check(&self, has_target: bool) -> Result<()> {
        if cfg!(not(feature = "k8s")) {
            bail!(NOT_BUILT_IN);
        }
        ensure!(has_target, "the demo runs on this machine alone: --executor k8s needs a --target");
        ensure!(
            self.control_plane_url.is_some(),
            "LEVIATHAN_CONTROL_PLANE_URL is missing: it says where pods reach the API, which listens where --host and \
             --port say"
        );
        Ok(())
    }
}

/// The executor.
#[cfg(feature = "k8s")]
pub(crate) async fn executor(
    cli: &Cli,
    work: &Work,
    ledger: &Ledger,
    artifacts: Arc<dyn ArtifactStore>,
) -> Result<Arc<dyn Executor>> {
    super::kubernetes::executor(cli, work, ledger, artifacts).await
}

/// There is none.
#[cfg(not(feature = "k8s"))]
pub(crate) async fn executor(
    _: &Cli,
    _: &Work,
    _: &Ledger,
    _: Arc<dyn ArtifactStore>,
) -> Result<Arc<dyn Executor>> {
    bail!(NOT_BUILT_IN)
}
