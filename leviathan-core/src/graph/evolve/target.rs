//! What events do to targets.

use super::Context;
use crate::event::Origin;
use crate::event::payload::{ForgeState, TargetFields, TargetReason};
use crate::graph::{ForgeUnknown, Graph, Pause, Target, Totals};
use crate::id::ActorId;
use crate::log::Position;

impl Graph {
    pub(super) fn target_updated(&mut self, mut fields: TargetFields, context: &Context) {
        let Some(target_id) = fields.target_id.clone() else { return };
        if context.origin == Origin::Claimed {
            // A claim may make a target known. Only the control plane says what is worked on, and from which commit.
            if self.targets.contains_key(&target_id) {
                return;
            }
            fields = TargetFields { commit: None, policy: None, limits: None, forge: None, ..fields };
        }
        let (totals, id) = (&mut self.totals, target_id.clone());
        let target = self.targets.entry(target_id.clone()).or_insert_with(|| {
            totals.add_node(Totals::TARGET);
            Target {
                name: target_id.to_string(),
                target_id,
                repo_url: String::new(),
                default_branch: "main".to_owned(),
                complete_on: Default::default(),
                commit: None,
                policy: Default::default(),
                limits: Default::default(),
                streak: Default::default(),
                forge: Default::default(),
                paused: None,
                forge_unknown: None,
                last_attempt: Position::START,
                created_at: context.recorded_at,
                updated_at: context.recorded_at,
            }
        });
        target.updated_at = context.recorded_at;
        if let Some(name) = fields.name {
            target.name = name;
        }
        if let Some(repo_url) = fields.repo_url {
            target.repo_url = repo_url;
        }
        if let Some(default_branch) = fields.default_branch {
            target.default_branch = default_branch;
        }
        if let Some(complete_on) = fields.complete_on {
            target.complete_on = complete_on;
        }
        if let Some(policy) = fields.policy {
            target.policy = policy;
        }
        if let Some(forge) = fields.forge {
            target.forge = forge;
        }
        target.commit = fields.commit.or(target.commit.take());
        if let Some(limits) = fields.limits {
            let fence_moved = target.limits.allowed_prefixes != limits.allowed_prefixes;
            target.limits = limits;
            if fence_moved {
                self.file_tasks_of(&id);
            }
        }
    }

    pub(super) fn target_paused(&mut self, fields: TargetReason, context: &Context) {
        let Some(target) = fields.target_id.and_then(|id| self.targets.get_mut(&id)) else { return };
        let by = ActorId::new(context.actor).unwrap_or_else(|_| ActorId::control_plane());
        target.paused = Some(Pause { reason: fields.reason, by, since: context.recorded_at });
        target.updated_at = context.recorded_at;
    }

    /// Also closes its circuit: whoever resumes a target has looked at why it failed.
    ///
    /// Only the control plane's own word lets work go on: a claim may tighten a limit, never loosen one.
    pub(super) fn target_resumed(&mut self, fields: TargetReason, context: &Context) {
        let Some(target) = fields.target_id.and_then(|id| self.targets.get_mut(&id)) else { return };
        if context.origin == Origin::Observed {
            target.paused = None;
            target.streak.ended();
            target.updated_at = context.recorded_at;
        }
    }

    pub(super) fn forge_unknown(&mut self, fields: ForgeState, context: &Context) {
        let Some(target) = fields.target_id.and_then(|id| self.targets.get_mut(&id)) else { return };
        if context.origin == Origin::Observed {
            let since = fields.since.unwrap_or(context.recorded_at);
            target.forge_unknown = Some(ForgeUnknown { since, reason: fields.reason });
            target.updated_at = context.recorded_at;
        }
    }

    pub(super) fn forge_known(&mut self, fields: ForgeState, context: &Context) {
        let Some(target) = fields.target_id.and_then(|id| self.targets.get_mut(&id)) else { return };
        if context.origin == Origin::Observed {
            target.forge_unknown = None;
            target.updated_at = context.recorded_at;
        }
    }
}
