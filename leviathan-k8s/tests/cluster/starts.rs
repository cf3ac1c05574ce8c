//! `Starts`: how many pods were made for each attempt, by a watch of its own.

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::runtime::{WatchStreamExt, watcher};
use leviathan_core::id::AttemptId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>;

/// How many pods were made for each attempt. Counts until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    seen: Seen,
    watching: Option<tokio::task::AbortHandle>,
}

impl Starts {
    /// Begins to count.
    pub(crate) fn count(&mut self, pods: Api<Pod>) {
        let seen = self.seen.clone();
        let watch = async move {
            let mut pods = std::pin::pin!(watcher(pods, watcher::Config::default()).default_backoff());
            while let Some(event) = pods.next().await {
                let Ok(watcher::Event::Apply(pod) | watcher::Event::InitApply(pod)) = event else { continue };
                let attempt = pod.metadata.annotations.unwrap_or_default().remove("leviathan/attempt-id");
                if let (Some(attempt), Some(uid)) = (attempt, pod.metadata.uid) {
                    seen.lock().unwrap().entry(attempt).or_default().insert(uid);
                }
            }
        };
        self.watching = Some(tokio::spawn(watch).abort_handle());
    }

    /// How many pods an attempt had.
    pub(crate) fn of(&self, attempt: &AttemptId) -> usize {
        self.seen.lock().unwrap().get(attempt.as_str()).map_or(0, BTreeSet::len)
    }
}

impl Drop for Starts {
    fn drop(&mut self) {
        if let Some(watching) = &self.watching {
            watching.abort();
        }
    }
}
