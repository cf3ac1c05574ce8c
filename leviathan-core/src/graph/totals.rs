//! `Totals`: how many things and relations there are, by type.

use serde::Serialize;
use std::collections::BTreeMap;

/// How many things and relations the graph has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Things by type: `Target`, `Task`, `Attempt`, `Artifact`, `PullRequest`.
    pub nodes_by_type: BTreeMap<&'static str, u64>,
    /// Relations by type: `DEPENDS_ON` (task to target and tasks, attempt to task), `PRODUCED` (attempt to
    /// artifact and pull request).
    pub edges_by_type: BTreeMap<&'static str, u64>,
}

impl Totals {
    pub(super) const TARGET: &'static str = "Target";
    pub(super) const TASK: &'static str = "Task";
    pub(super) const ATTEMPT: &'static str = "Attempt";
    pub(super) const ARTIFACT: &'static str = "Artifact";
    pub(super) const PULL_REQUEST: &'static str = "PullRequest";
    const DEPENDS_ON: &'static str = "DEPENDS_ON";
    const PRODUCED: &'static str = "PRODUCED";

    /// All things.
    pub fn nodes(&self) -> u64 {
        self.nodes_by_type.values().sum()
    }

    /// All relations.
    pub fn edges(&self) -> u64 {
        self.edges_by_type.values().sum()
    }

    pub(super) fn add_node(&mut self, kind: &'static str) {
        *self.nodes_by_type.entry(kind).or_default() += 1;
    }

    pub(super) fn add_dependencies(&mut self, more: usize, fewer: usize) {
        let count = self.edges_by_type.entry(Self::DEPENDS_ON).or_default();
        *count = (*count + more as u64).saturating_sub(fewer as u64);
    }

    pub(super) fn add_produced(&mut self) {
        *self.edges_by_type.entry(Self::PRODUCED).or_default() += 1;
    }
}
