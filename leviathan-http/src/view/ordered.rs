//! The answers to orders.

use leviathan_core::Limits;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was ordered of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptOrdered {
    /// `cancel_requested` or `invalidated`.
    pub status: String,
    /// The attempt.
    #[schema(value_type = String)]
    pub attempt_id: AttemptId,
}

/// What was ordered of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskOrdered {
    /// `retried`.
    pub status: String,
    /// The task's target.
    #[schema(value_type = String)]
    pub target: TargetId,
    /// The task.
    #[schema(value_type = String)]
    pub task_id: TaskId,
}

/// What was ordered of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetOrdered {
    /// `paused` or `resumed`.
    pub status: String,
    /// The target.
    #[schema(value_type = String)]
    pub target: TargetId,
}

/// The limits in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitsView {
    /// The whole of them.
    #[schema(value_type = super::schema::LimitsSchema)]
    pub limits: Limits,
}
