//! `AttemptQuery`, `FailureQuery` and `TaskQuery`: which part of a list is asked for.

use crate::view::TaskStatus;
use leviathan_core::graph::AttemptStatus;
use leviathan_core::id::{TargetId, TaskId};

/// The parameters of a request.
type Pairs = Vec<(&'static str, String)>;

/// Which attempts are asked for. What is left out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptQuery {
    /// Only those of this target.
    pub target: Option<TargetId>,
    /// Only those of the task of this name.
    pub task: Option<TaskId>,
    /// Only those of this status.
    pub status: Option<AttemptStatus>,
    /// How many at most.
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which failures are asked for. What is left out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailureQuery {
    /// Only those of this target.
    pub target: Option<TargetId>,
    /// How many at most.
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which tasks are asked for. What is left out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only those of this target.
    pub target: Option<TargetId>,
    /// Only those of this status.
    pub status: Option<TaskStatus>,
    /// How many at most.
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl AttemptQuery {
    pub(super) fn pairs(&self) -> Pairs {
        given([
            ("target", self.target.as_ref().map(ToString::to_string)),
            ("task", self.task.as_ref().map(ToString::to_string)),
            ("status", self.status.map(|status| status.name().to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ])
    }
}

impl FailureQuery {
    pub(super) fn pairs(&self) -> Pairs {
        given([
            ("target", self.target.as_ref().map(ToString::to_string)),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ])
    }
}

impl TaskQuery {
    pub(super) fn pairs(&self) -> Pairs {
        given([
            ("target", self.target.as_ref().map(ToString::to_string)),
            ("status", self.status.map(|status| status.name().to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ])
    }
}

fn given<const N: usize>(all: [(&'static str, Option<String>); N]) -> Pairs {
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
