//! `AttemptDetail`: one attempt with its events and artifacts.

use super::{ArtifactView, EventView};
use leviathan_core::Timestamp;
use leviathan_core::executor::Cause;
use leviathan_core::graph::{Attempt, AttemptStatus, Graph, Outcome};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/attempts/{id}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttemptDetail {
    /// The attempt.
    pub attempt_node: AttemptNode,
    /// Its newest events, oldest of them first.
    pub events: Vec<EventView>,
    /// How many events it has in all.
    pub events_total: usize,
    /// The first of its artifacts, by digest.
    pub artifacts: Vec<ArtifactView>,
    /// How many artifacts it has in all.
    pub artifacts_total: usize,
}

/// The answer to `GET /v1/attempts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptPage {
    /// The attempts, newest first.
    pub attempts: Vec<AttemptView>,
    /// How many there are on this page.
    pub count: usize,
    /// What to ask `cursor` for the next page; nothing on the last.
    pub next_cursor: Option<String>,
}

/// An attempt as a node of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptNode {
    /// The attempt's id.
    #[schema(value_type = String)]
    pub node_id: AttemptId,
    /// `Attempt`.
    pub node_type: String,
    /// What is known of it.
    pub properties: AttemptView,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What is known of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// Its id.
    #[schema(value_type = String)]
    pub attempt_id: AttemptId,
    /// The task that it tries; unknown until its `attempt.created` is seen.
    #[schema(value_type = Option<String>)]
    pub task_id: Option<TaskId>,
    /// The task's target.
    #[schema(value_type = Option<String>)]
    pub target: Option<TargetId>,
    /// How far it is.
    #[schema(value_type = super::schema::AttemptStatusSchema)]
    pub status: AttemptStatus,
    /// Whether an executor of ours vouches for it; else it rests on its worker's word alone.
    pub confirmed: bool,
    /// 1 for the task's first.
    pub attempt_number: u32,
    /// Why it failed, for instance `checks_failed`.
    #[schema(value_type = Option<String>)]
    pub failure_type: Option<Cause>,
    /// Why it failed or was cancelled, in a sentence.
    pub error_summary: Option<String>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// When its worker began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// The branch that holds the work, as its worker says.
    pub branch_name: Option<String>,
    /// That branch's tip, as its worker says.
    pub commit_sha: Option<String>,
    /// The pull request's page, as its worker says.
    pub pr_url: Option<String>,
    /// The pull request's number, as its worker says.
    pub pr_number: Option<u64>,
    /// What its model calls cost in US dollars, as its worker says.
    pub cost_usd: f64,
    /// How many tokens they took, as its worker says.
    pub tokens: u64,
    /// Why somebody wants it to stop.
    pub cancel_requested: Option<String>,
    /// How many events contradicted what was settled.
    pub anomalies: u32,
}

impl AttemptNode {
    /// An attempt of a graph.
    pub fn of(graph: &Graph, attempt: &Attempt) -> Self {
        Self {
            node_id: attempt.attempt_id.clone(),
            node_type: "Attempt".to_owned(),
            properties: AttemptView::of(graph, attempt),
            created_at: attempt.created_at,
            updated_at: attempt.updated_at,
        }
    }
}

impl AttemptView {
    /// An attempt of a graph.
    pub fn of(graph: &Graph, attempt: &Attempt) -> Self {
        let outcome = attempt.outcome();
        let claimed = matches!(outcome, Some(Outcome::Succeeded { unconfirmed: true }));
        let failure_type = match outcome {
            Some(Outcome::Failed(cause)) => Some(cause.clone()),
            _ => None,
        };
        let went_wrong = matches!(outcome, Some(Outcome::Failed(_) | Outcome::Cancelled));
        let report = attempt.reported.as_ref();
        let used = graph.used_by(&attempt.attempt_id);
        Self {
            attempt_id: attempt.attempt_id.clone(),
            task_id: attempt.task.as_ref().map(|task| task.task_id.clone()),
            target: attempt.target().cloned(),
            status: attempt.state.status(),
            confirmed: attempt.executor.is_some() && !claimed,
            attempt_number: attempt.attempt_number,
            failure_type,
            error_summary: report.and_then(|report| report.summary.clone()).filter(|_| went_wrong),
            timestamp: attempt.created_at,
            started_at: attempt.started_at,
            completed_at: attempt.completed_at,
            branch_name: report.and_then(|report| report.branch.clone()),
            commit_sha: report.and_then(|report| report.commit.clone()),
            pr_url: report.and_then(|report| report.pr_url.clone()),
            pr_number: report.and_then(|report| report.pr_number),
            cost_usd: used.usd(),
            tokens: used.tokens,
            cancel_requested: attempt.cancel_requested.clone(),
            anomalies: attempt.anomalies,
        }
    }
}
