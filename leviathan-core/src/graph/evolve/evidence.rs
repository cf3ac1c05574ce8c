//! What attempts leave behind: artifacts, check runs and what the policy said. The last two are counted, and no more of
//! them is kept: the log has the rest.

use super::Context;
use crate::event::payload::{ArtifactCreated, PolicyReceipt};
use crate::graph::{Artifact, Graph, Totals};

impl Graph {
    pub(super) fn artifact_created(&mut self, fields: ArtifactCreated, context: &Context) {
        let key = (fields.attempt_id.clone(), fields.sha256);
        if self.artifacts.contains_key(&key) {
            return;
        }
        self.artifacts.insert(key, Box::new(Artifact { fields, created_at: context.recorded_at }));
        self.totals.add_node(Totals::ARTIFACT);
        self.totals.add_edge(Totals::PRODUCED);
    }

    /// A check run speaks for its attempt or against it.
    pub(super) fn check_ran(&mut self, passed: bool) {
        self.totals.add_node(Totals::TEST_RUN);
        self.totals.add_edge(if passed { Totals::SUPPORTS } else { Totals::CONTESTS });
    }

    /// A policy, as it stood in a commit, authorizes what an attempt did, or speaks against it.
    pub(super) fn policy_judged(&mut self, receipt: &PolicyReceipt) {
        let (Some(policy), Some(allowed)) = (receipt.policy_sha256, receipt.is_allowed()) else { return };
        if self.policies.insert(policy) {
            self.totals.add_node(Totals::POLICY_SNAPSHOT);
        }
        self.totals.add_edge(if allowed { Totals::AUTHORIZED_BY } else { Totals::CONTESTS });
    }
}
