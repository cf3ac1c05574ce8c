//! The executor of `--executor k8s`.

use super::cli::Cli;
use super::run::Work;
use anyhow::{Context, Result};
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::executor::{AttemptTokens, Executor, worker_env};
use leviathan_core::{ForgeConfig, Ledger};
use leviathan_k8s::K8sExecutor;
use std::sync::Arc;

/// Jobs of the fleet that is named as the log, so that other logs' Jobs in the same namespace are left alone.
pub(super) async fn executor(
    cli: &Cli,
    work: &Work,
    ledger: &Ledger,
    artifacts: Arc<dyn ArtifactStore>,
) -> Result<Arc<dyn Executor>> {
    let options = &cli.cluster;
    let log_id = ledger.read(|graph| graph.log_id()).context("the log has no id")?;
    let key = work.state.token_keys()?.into_iter().next().context("there is no key for attempts' tokens")?;
    let tokens: Arc<dyn AttemptTokens> = Arc::new(key);
    let has_forge = !matches!(work.target.forge, ForgeConfig::None);
    let needs_model = cli.agent_env.iter().any(|name| name == worker_env::CLAUDE_API_KEY);
    let mut builder = K8sExecutor::builder()
        .fleet(log_id.to_string())
        .namespace(&options.namespace)
        .image(&options.image)
        .control_plane_url(options.control_plane_url.clone().unwrap_or_default())
        .github_token_key(has_forge.then(|| "github-token".to_owned()))
        .claude_api_key_key(needs_model.then(|| "claude-api-key".to_owned()))
        .agent_env(&cli.agent_env)
        .tokens(tokens)
        .artifacts(artifacts);
    if let Some(key) = &options.worker_token_key {
        builder = builder.control_plane_token_key(key);
    }
    if let Some(command) = &work.agent_command {
        builder = builder.agent_command(command);
    }
    if let Ok(model) = std::env::var(worker_env::CLAUDE_MODEL) {
        builder = builder.model(model);
    }
    if let Some(path) = &options.pod_template {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the pod template {} can't be read", path.display()))?;
        builder = builder.pod_template(text);
    }
    // Where tools are is the image's to say; here are only the names.
    builder = builder.env(worker_env::CHECKS_ENV, cli.checks_env.join(","));
    for (name, value) in cli.keep_in.env()? {
        builder = builder.env(name, value);
    }
    Ok(Arc::new(builder.build().await?))
}
