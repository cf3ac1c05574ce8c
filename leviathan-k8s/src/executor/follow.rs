//! Keeps the table up to date with one kind of thing: by a watch, or by listing where the role allows no more.

use super::api_error::ApiError;
use super::backoff::Backoff;
use super::board::Board;
use super::cluster::Cluster;
use super::list::{Listed, list};
use super::mirror::Mirror;
use crate::config::Config;
use futures::StreamExt;
use kube::Api;
use kube::api::{WatchEvent, WatchParams};
use kube::core::{DeserializeGuard, Resource};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long the API server is asked to keep a watch open. It is opened again from where it was.
const WATCH: Duration = Duration::from_secs(290);
/// A watch that is silent for this long beyond its time is dead.
const MARGIN: Duration = Duration::from_secs(10);
/// A watch that ends earlier than this has not done well.
const SHORT: Duration = Duration::from_secs(1);
/// Between two lists where nothing may be watched.
const GAP: Duration = Duration::from_millis(200);

/// Why a round of a list and its watches is over.
enum Over {
    /// It is time for everything to be listed anew.
    Resync,
    /// The role allows no watch.
    Forbidden(ApiError),
    /// Something broke, or went by unseen.
    Failed(ApiError),
}

/// Follows for as long as it may, and comes back once it is clear that the role allows no watch.
pub(super) async fn follow<K: Listed>(
    cluster: &Cluster,
    config: &Config,
    mirror: &dyn Mirror<K>,
) -> ApiError {
    let api = cluster.guarded::<K>();
    let mut backoff = Backoff::default();
    loop {
        match round(cluster, config, &api, mirror, &mut backoff).await {
            Over::Resync => {}
            Over::Forbidden(error) => return error,
            Over::Failed(error) => {
                tracing::debug!(%error, "listing anew");
                pause_after(&error, mirror, &mut backoff).await;
            }
        }
    }
}

/// Lists, as nothing may be watched: soon after each `poke`, and every `config.poll` for as long as attempts are open, else
/// every `config.resync`.
pub(super) async fn poll<K: Listed>(
    cluster: &Cluster,
    config: &Config,
    mirror: &dyn Mirror<K>,
    poke: &tokio::sync::Notify,
    board: &Board,
) -> ! {
    let api = cluster.guarded::<K>();
    let mut changes = board.changes();
    let mut backoff = Backoff::default();
    let mut last = Instant::now();
    loop {
        changes.mark_unchanged();
        let every = if board.read(|table| table.has_open()) { config.poll } else { config.resync };
        tokio::select! {
            () = sleep_until(last + every) => {}
            _ = changes.changed() => continue,
            () = poke.notified() => sleep_until(last + GAP).await,
        }
        if let Err(error) = list(cluster, &api, mirror).await {
            pause_after(&error, mirror, &mut backoff).await;
        }
        last = Instant::now();
    }
}

async fn pause_after<K>(error: &ApiError, mirror: &dyn Mirror<K>, backoff: &mut Backoff) {
    mirror.failed(error.to_string());
    sleep(backoff.after(Some(error), Instant::now())).await;
}

/// A list, and watches that go on from it.
async fn round<K: Listed>(
    cluster: &Cluster,
    config: &Config,
    api: &Api<DeserializeGuard<K>>,
    mirror: &dyn Mirror<K>,
    backoff: &mut Backoff,
) -> Over {
    let mut version = match list(cluster, api, mirror).await {
        Ok(version) => version,
        Err(error) => return Over::Failed(error),
    };
    let asked = format!("watch {}", K::plural(&()));
    let which = WatchParams::default().labels(&cluster.selector).timeout(WATCH.as_secs() as u32);
    let mut resync = pin!(sleep(config.resync));
    loop {
        let opened = Instant::now();
        let stream = match cluster.within(&asked, api.watch(&which, &version)).await {
            Ok(stream) => stream,
            Err(error) if error.is_forbidden() => return Over::Forbidden(error),
            Err(error) => return Over::Failed(error),
        };
        let mut stream = pin!(stream);
        loop {
            let next = tokio::select! {
                next = timeout(WATCH + MARGIN, stream.next()) => next,
                () = &mut resync => return Over::Resync,
            };
            let event = match next {
                Ok(Some(Ok(event))) => event,
                Ok(Some(Err(error))) => return Over::Failed(ApiError::new(&asked, error)),
                Ok(None) => break,
                Err(_) => return Over::Failed(ApiError::timed_out(&asked, WATCH + MARGIN)),
            };
            match event {
                WatchEvent::Added(item) | WatchEvent::Modified(item) => {
                    version = item.meta().resource_version.clone().unwrap_or(version);
                    mirror.see(item);
                }
                WatchEvent::Deleted(item) => {
                    version = item.meta().resource_version.clone().unwrap_or(version);
                    mirror.lose(item);
                }
                WatchEvent::Bookmark(mark) => version = mark.metadata.resource_version,
                WatchEvent::Error(status) => return Over::Failed(ApiError::of_status(&asked, *status)),
            }
        }
        if opened.elapsed() < SHORT {
            sleep(backoff.after(None, Instant::now())).await;
        }
    }
}
