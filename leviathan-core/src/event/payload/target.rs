//! Payloads of `target.*`.

use crate::ForgeConfig;
use crate::id::TargetId;
use crate::limits::TargetLimits;
use crate::target::{CompleteOn, TargetPolicy};
use crate::{Timestamp, time};
use serde::{Deserialize, Serialize};

/// `target.registered` and `target.updated`. In an update, a field that is missing stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TargetFields {
    /// The target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where its repository is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<String>,
    /// The branch that work starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The commit of the default branch that the backlog and the policy were read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When a task counts as completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_on: Option<CompleteOn>,
    /// What the scheduler needs of the repository's policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<TargetPolicy>,
    /// The whole of its own limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<TargetLimits>,
    /// Who keeps its pull requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forge: Option<ForgeConfig>,
}

/// `target.paused` and `target.resumed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetReason {
    /// The target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// `target.forge_unknown` and `target.forge_known`: whether the forge says how the target's pull requests stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgeState {
    /// The target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<TargetId>,
    /// With `target.forge_unknown`: the forge's last answer, or when it was first asked in vain.
    #[serde(default, with = "time::lenient_option", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// With `target.forge_unknown`: what went wrong.
    #[serde(default)]
    pub reason: String,
}
