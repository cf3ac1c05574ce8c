//! `Target`: a repository that Leviathan works on.

use super::{Circuit, Streak};
use crate::id::{ActorId, TargetId};
use crate::limits::{Breaker, Limits, TargetLimits};
use crate::log::Position;
use crate::target::{CompleteOn, TargetPolicy};
use crate::{ForgeConfig, Timestamp};
use serde::{Deserialize, Serialize};

/// A repository that Leviathan works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its id.
    pub target_id: TargetId,
    /// A name for people.
    pub name: String,
    /// Where its repository is.
    pub repo_url: String,
    /// The branch that work starts from.
    pub default_branch: String,
    /// When a task counts as completed.
    pub complete_on: CompleteOn,
    /// The commit that its backlog and policy were last read from; attempts start from it.
    pub commit: Option<String>,
    /// What the scheduler needs of the repository's policy and backlog files.
    pub policy: TargetPolicy,
    /// Its own limits.
    pub limits: TargetLimits,
    /// How often it failed in a row.
    pub streak: Streak,
    /// Who keeps its pull requests.
    #[serde(default, skip_serializing_if = "ForgeConfig::is_none")]
    pub forge: ForgeConfig,
    /// Set while nothing of it is started.
    pub paused: Option<Pause>,
    /// Set while its forge does not say how its pull requests stand. Nothing is started meanwhile.
    pub forge_unknown: Option<ForgeUnknown>,
    /// Where its last attempt was created; the target whose last attempt is oldest goes first.
    pub last_attempt: Position,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Since when nobody knows how a target's pull requests stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgeUnknown {
    /// The forge's last answer, or when it was first asked in vain.
    pub since: Timestamp,
    /// What went wrong, and so what to look at.
    pub reason: String,
}

impl Target {
    /// How many of its attempts may be open at once, if that is limited beside the limit of all.
    pub fn max_running(&self, limits: &Limits) -> Option<usize> {
        self.limits.max_running.or(limits.max_running_per_target).map(|most| most.get() as usize)
    }

    /// How many of its tasks may have an open pull request or an open attempt at once: the smaller number of its own limits
    /// and of its backlog.
    pub fn max_open_prs(&self) -> Option<usize> {
        let numbers = [self.limits.max_open_prs, self.policy.max_open_prs];
        numbers.into_iter().flatten().min().map(|most| most.get() as usize)
    }

    /// When it is left alone because it only fails.
    pub fn breaker(&self, limits: &Limits) -> Option<Breaker> {
        self.limits.breaker.or(limits.breaker)
    }

    /// How its circuit stands at `now`.
    pub fn circuit(&self, limits: &Limits, now: Timestamp) -> Circuit {
        self.breaker(limits).map_or(Circuit::Closed, |breaker| self.streak.circuit(&breaker, now))
    }
}

/// Why nothing of a target is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// What to look at.
    pub reason: String,
    /// Who paused it.
    pub by: ActorId,
    /// Since when.
    pub since: Timestamp,
}
