//! `Policy`: what a repository asks of the work that is done in it.

use super::PathPattern;
use crate::log::Hash;
use crate::target::TargetPolicy;
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

/// What a repository asks of the work that is done in it. Without a policy file it is the default: no checks, and a task
/// may change what its own `allowed_paths` say, or everything but `.leviathan/` if it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// What tasks without `allowed_paths` may change, by scope. Where it is there, a scope that it lacks may change
    /// nothing; where it is not, there is no such fence.
    pub allowed_paths: Option<BTreeMap<String, Vec<PathPattern>>>,
    /// What nobody may change.
    pub forbidden_paths: Vec<PathPattern>,
    /// Further rules by scope.
    pub scope_constraints: BTreeMap<String, ScopeConstraints>,
    /// How often, how far apart and how large.
    pub safety_rules: SafetyRules,
    /// Command lines that must succeed on the finished work, in this order.
    pub checks: Vec<String>,
    /// Command lines that prepare a checkout for the checks.
    pub setup: Vec<String>,
    /// Whether checks may reach the network.
    pub checks_network: bool,
    /// Whether setup may reach the network.
    pub setup_network: bool,
    /// Seconds that one attempt may take; else the executor's default.
    pub deadline_seconds: Option<NonZeroU64>,
    /// SHA-256 of the file's text; none without a file.
    pub sha256: Option<Hash>,
}

/// Rules for the tasks of one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeConstraints {
    /// How many files one task may change; a rename counts once.
    pub max_files_per_task: Option<NonZeroU32>,
    /// Whether a diff must add or change a test: a path with the word `test` or `tests` in the name of a folder or file,
    /// or `spec` in that of a file.
    pub requires_tests: bool,
}

/// Bounds for every task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SafetyRules {
    /// How many attempts that use a try a task may have; else the retry policy's number.
    pub max_attempts_per_task: Option<NonZeroU32>,
    /// Seconds before the first retry; else the retry policy's number.
    pub backoff_seconds: Option<u64>,
    /// How many MiB a changed file, or an artifact of an attempt, may have.
    pub max_artifact_size_mb: Option<NonZeroU32>,
}

impl Policy {
    /// Where a repository keeps it.
    pub const PATH: &str = ".leviathan/policy.yaml";

    /// What the scheduler needs of it. What the backlog adds is not in it.
    pub fn target_policy(&self) -> TargetPolicy {
        TargetPolicy {
            max_attempts: self.safety_rules.max_attempts_per_task.map(NonZeroU32::get),
            backoff_seconds: self.safety_rules.backoff_seconds,
            deadline_seconds: self.deadline_seconds.map(NonZeroU64::get),
            max_open_prs: None,
        }
    }
}
