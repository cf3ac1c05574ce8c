//! `Graph::digest`: one hash of everything that was projected.

use super::{Graph, PROJECTION_VERSION};
use crate::log::Hash;
use serde::Serialize;
use sha2::{Digest, Sha256};

impl Graph {
    /// A hash of the whole state. Two graphs of the same log have the same digest, however they came to be.
    ///
    /// Takes time in proportion to the graph.
    pub fn digest(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(PROJECTION_VERSION.to_be_bytes());
        add(&mut hasher, &(self.head, self.log_id, &self.leader, self.limits, &self.totals, self.unreadable));
        self.targets.values().for_each(|target| add(&mut hasher, target));
        self.tasks.values().flat_map(|tasks| tasks.values()).for_each(|task| add(&mut hasher, task));
        self.attempts.values().for_each(|attempt| add(&mut hasher, attempt));
        self.artifacts.values().for_each(|artifact| add(&mut hasher, artifact));
        self.pull_requests.values().for_each(|request| add(&mut hasher, request));
        add(&mut hasher, &self.policies);
        add(&mut hasher, &self.spending);
        self.recent.iter().for_each(|event| add(&mut hasher, event));
        for fingerprint in self.fingerprints.sorted() {
            hasher.update(fingerprint.to_be_bytes());
        }
        Hash::from_bytes(hasher.finalize().into())
    }
}

fn add(hasher: &mut Sha256, node: &impl Serialize) {
    // Text, numbers and lists of them: serde_json refuses none of these.
    let bytes = serde_json::to_vec(node).unwrap_or_default();
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
