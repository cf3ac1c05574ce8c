//! `Fence`: who says which paths a task may change.

use super::bad_path::is_below;
use super::{PathPattern, Policy};
use crate::event::payload::TaskFields;

/// Where Leviathan's own files are.
const OWN_FOLDER: &str = ".leviathan";

/// Who says which paths a task may change. The narrowest word counts: the task's own, else the policy's for the task's
/// scope. Where neither says anything, nobody asked for a fence, and all but Leviathan's own files is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fence {
    /// The task's `allowed_paths`.
    Task,
    /// The policy's `allowed_paths` of this scope.
    Scope(String),
    /// The policy has `allowed_paths`, and the task's scope is not among them: nothing is allowed.
    UnknownScope(String),
    /// Neither says anything: everything but `.leviathan/`.
    Open,
}

/// A fence with its patterns.
pub(super) struct FenceLine {
    pub(super) fence: Fence,
    patterns: Vec<PathPattern>,
}

impl FenceLine {
    /// The fence around `task`. A pattern of the task that is none matches nothing.
    pub(super) fn of(policy: &Policy, task: &TaskFields) -> Self {
        if !task.allowed_paths.is_empty() {
            let patterns = task.allowed_paths.iter().filter_map(|text| PathPattern::parse(text).ok());
            return Self { fence: Fence::Task, patterns: patterns.collect() };
        }
        let Some(scopes) = &policy.allowed_paths else {
            return Self { fence: Fence::Open, patterns: Vec::new() };
        };
        match scopes.get(&task.scope) {
            Some(patterns) => Self { fence: Fence::Scope(task.scope.clone()), patterns: patterns.clone() },
            None => Self { fence: Fence::UnknownScope(task.scope.clone()), patterns: Vec::new() },
        }
    }

    /// Whether the fence lets a path through that is in order by itself.
    pub(super) fn allows(&self, path: &str) -> bool {
        match self.fence {
            Fence::Open => !is_below(path, OWN_FOLDER),
            _ => self.patterns.iter().any(|pattern| pattern.matches(path)),
        }
    }
}
