//! `Totals`: how many things and relations there are, by type.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many things and relations the graph has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Things by type: `Target`, `Task`, `Attempt`, `Artifact`, `PullRequest`, `TestRun` (a check that ended),
    /// `PolicySnapshot` (a policy's text by which work was judged).
    #[serde(deserialize_with = "by_type")]
    pub nodes_by_type: BTreeMap<&'static str, u64>,
    /// Relations by type: `DEPENDS_ON` (task to target and tasks, attempt to task), `PRODUCED` (attempt to
    /// artifact and pull request), `SUPPORTS` (passed check to attempt), `CONTESTS` (failed check, or policy that refuses,
    /// to attempt), `AUTHORIZED_BY` (attempt to the policy that allows its work).
    #[serde(deserialize_with = "by_type")]
    pub edges_by_type: BTreeMap<&'static str, u64>,
}

impl Totals {
    pub(super) const TARGET: &'static str = "Target";
    pub(super) const TASK: &'static str = "Task";
    pub(super) const ATTEMPT: &'static str = "Attempt";
    pub(super) const ARTIFACT: &'static str = "Artifact";
    pub(super) const PULL_REQUEST: &'static str = "PullRequest";
    pub(super) const TEST_RUN: &'static str = "TestRun";
    pub(super) const POLICY_SNAPSHOT: &'static str = "PolicySnapshot";
    const DEPENDS_ON: &'static str = "DEPENDS_ON";
    pub(super) const PRODUCED: &'static str = "PRODUCED";
    pub(super) const SUPPORTS: &'static str = "SUPPORTS";
    pub(super) const CONTESTS: &'static str = "CONTESTS";
    pub(super) const AUTHORIZED_BY: &'static str = "AUTHORIZED_BY";
    const TYPES: &'static [&'static str] = &[
        Self::TARGET,
        Self::TASK,
        Self::ATTEMPT,
        Self::ARTIFACT,
        Self::PULL_REQUEST,
        Self::TEST_RUN,
        Self::POLICY_SNAPSHOT,
        Self::DEPENDS_ON,
        Self::PRODUCED,
        Self::SUPPORTS,
        Self::CONTESTS,
        Self::AUTHORIZED_BY,
    ];

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

    pub(super) fn add_edge(&mut self, kind: &'static str) {
        *self.edges_by_type.entry(kind).or_default() += 1;
    }
}

/// Reads counts, each under the name that this program has for its type.
fn by_type<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<&'static str, u64>, D::Error> {
    let counts = BTreeMap::<String, u64>::deserialize(from)?;
    let named = |(name, count): (String, u64)| {
        let known = Totals::TYPES.iter().find(|known| **known == name);
        known.map(|known| (*known, count)).ok_or_else(|| D::Error::unknown_variant(&name, Totals::TYPES))
    };
    counts.into_iter().map(named).collect()
}
