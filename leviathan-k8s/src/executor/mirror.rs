//! `Mirror`: how what the API server shows of a kind of thing gets into the table.

use super::board::Board;
use super::shared::Shared;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::core::{DeserializeGuard, Resource};
use tokio::time::Instant;

/// Takes what lists and watches of one kind of thing show.
pub(super) trait Mirror<K>: Send + Sync {
    /// A list is about to be asked for.
    fn list_begins(&self);
    /// Something that is there.
    fn see(&self, seen: DeserializeGuard<K>);
    /// Something that is there no more, as it was last.
    fn lose(&self, lost: DeserializeGuard<K>);
    /// The list is complete.
    fn listed(&self);
    /// The list could not be had.
    fn failed(&self, what: String) {
        let _ = what;
    }
}

impl Mirror<Job> for Shared {
    fn list_begins(&self) {
        self.board.change_quietly(|table| table.jobs_list_begins());
    }

    fn see(&self, seen: DeserializeGuard<Job>) {
        let now = Instant::now();
        match seen.0 {
            Ok(job) => self.board.change(|table| table.see_job(job, now)),
            Err(strange) => {
                warn_of_strange("Job", &strange);
                self.board.change(|table| table.see_strange_job(strange.metadata, now));
            }
        }
        self.pods_poke.notify_one();
    }

    fn lose(&self, lost: DeserializeGuard<Job>) {
        self.board.change(|table| table.lose_job(lost.meta()));
    }

    fn listed(&self) {
        self.board.change(|table| table.jobs_listed());
    }

    fn failed(&self, what: String) {
        self.board.change(|table| table.has_trouble(what));
    }
}

impl Mirror<Pod> for Board {
    fn list_begins(&self) {
        self.change_quietly(|table| table.pods_list_begins());
    }

    fn see(&self, seen: DeserializeGuard<Pod>) {
        match seen.0 {
            Ok(pod) => self.change(|table| table.see_pod(pod, Instant::now())),
            Err(strange) => {
                warn_of_strange("pod", &strange);
                self.change_quietly(|table| table.see_strange_pod(&strange.metadata));
            }
        }
    }

    fn lose(&self, lost: DeserializeGuard<Pod>) {
        let metadata = lost.meta().clone();
        self.change(|table| table.lose_pod(lost.0.ok(), &metadata, Instant::now()));
    }

    fn listed(&self) {
        self.change(|table| table.pods_listed(Instant::now()));
    }

    fn failed(&self, what: String) {
        self.change(|table| table.has_trouble(what));
    }
}

fn warn_of_strange(kind: &str, strange: &kube::core::error_boundary::InvalidObject) {
    let name = strange.metadata.name.as_deref().unwrap_or_default();
    tracing::warn!(kind, name, error = %strange, "passing over what the Kubernetes API shows, as it can't be read");
}
