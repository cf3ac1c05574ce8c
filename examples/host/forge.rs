//! The forge of the target, asked by the host each minute.

use super::progress::Progress;
use super::source::{Source, github_token};
use anyhow::{Context, Result};
use leviathan_core::id::TargetId;
use leviathan_core::{Ledger, Secret, TargetConfig};
use leviathan_http::server::ApiState;
use leviathan_local::SystemClock;
use leviathan_worker::forge::{Forge, ForgePoller, Refresh, open_forge};
use std::sync::Arc;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

/// The secret that GitHub signs webhooks with.
const WEBHOOK_SECRET: &str = "LEVIATHAN_GITHUB_WEBHOOK_SECRET";

/// The target's forge, if it has one.
pub(crate) fn open(target: &TargetConfig) -> Result<Option<Arc<dyn Forge>>> {
    open_forge(&target.forge, &target.repo_url, github_token(), Arc::new(SystemClock)).with_context(|| {
        let advice =
            "set that right, or say `forge: {kind: none}` in a target file to end with the pushed branch";
        format!("the forge of {} can't be used: {advice}", target.target_id)
    })
}

/// Has the API take webhooks, if the environment has a secret to check them by: they have the target's forge asked at once.
pub(crate) fn hear_webhooks(state: ApiState, target: &TargetId, wake: &Arc<Notify>) -> ApiState {
    let secret = std::env::var(WEBHOOK_SECRET).ok().filter(|secret| !secret.is_empty());
    let Some(secret) = secret else { return state };
    let (target, wake) = (target.clone(), wake.clone());
    state.with_github_webhooks(
        Secret::new(secret),
        Arc::new(move |of| {
            if *of == target {
                wake.notify_one();
            }
        }),
    )
}

/// Asks the forge for the first time, before anything is started, and from then on each minute.
pub(crate) async fn follow(
    forge: Arc<dyn Forge>,
    target: &TargetConfig,
    ledger: &Ledger,
    source: &Arc<Mutex<Source>>,
    wake: Arc<Notify>,
    progress: &Progress,
) -> JoinHandle<()> {
    let (to, source) = (ledger.clone(), source.clone());
    let refresh: Refresh = Box::new(move || {
        let (to, source) = (to.clone(), source.clone());
        Box::pin(async move {
            let taken_over = source.lock().await.take_over(&to).await;
            taken_over.map_err(|error| format!("{error:#}"))
        })
    });
    let poller = ForgePoller::new(ledger.clone(), forge, Arc::new(SystemClock), target.target_id.clone());
    let mut poller = poller.before_merges(refresh).woken_by(wake);
    if let Err(error) = poller.poll().await {
        progress.line(&format!("forge   {error}"));
    }
    tokio::spawn(poller.run())
}
