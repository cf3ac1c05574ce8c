//! Payloads of what an attempt leaves behind: artifacts, check runs, pull requests, model calls, policy receipts.

use crate::id::{AttemptId, TaskId};
use crate::log::Hash;
use serde::{Deserialize, Serialize};

/// `artifact.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactCreated {
    /// The producer's name for it; else the attempt and the digest name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_id: Option<String>,
    /// The attempt that produced it.
    pub attempt_id: AttemptId,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
    /// What it is: `log`, `test_output`, `diff`, `model_output`, `patch` and more.
    #[serde(default)]
    pub artifact_type: String,
    /// How many bytes it has.
    #[serde(default)]
    pub size_bytes: u64,
    /// Where it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_path: Option<String>,
    /// A file name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// `tests.started`, `tests.passed` and `tests.failed`: one run of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsFields {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The command line.
    #[serde(default)]
    pub command: String,
    /// Its exit code; none if it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How long it ran, in milliseconds.
    #[serde(default, deserialize_with = "super::whole", skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// SHA-256 of its output, an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_sha256: Option<Hash>,
    /// 1 for the agent's first try, one more for each repair; 0 for what the policy's `setup` runs before it.
    #[serde(default)]
    pub round: u32,
}

/// `pr.created`, `pr.merged` and `pr.closed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestFields {
    /// The attempt that opened it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_id: Option<AttemptId>,
    /// Its number in its repository.
    pub pr_number: u64,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `open`, `merged` or `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The branch that it would merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    /// That branch's tip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
}

/// `model.call_started` and `model.call_completed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCall {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The producer's name for the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_input: Option<u64>,
    /// Tokens received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_output: Option<u64>,
    /// What it cost in US dollars, as its worker claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// SHA-256 of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_sha256: Option<Hash>,
    /// SHA-256 of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_sha256: Option<Hash>,
}

/// `policy.receipt`: what was judged, by which policy, and how. Whoever has a clone can judge it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyReceipt {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The task, whose own `allowed_paths` and scope count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The commit that the work started from; the policy is read from it.
    #[serde(default)]
    pub base_commit: String,
    /// The commit that was made, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_commit: Option<String>,
    /// The tree that was judged.
    #[serde(default)]
    pub tree: String,
    /// The paths that differ, in order, both of what was renamed; as many of them as there is room for.
    #[serde(default)]
    pub changed_paths: Vec<String>,
    /// How many more differ.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changed_paths_left_out: u64,
    /// SHA-256 of the policy's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<Hash>,
    /// `allowed` or `refused`.
    #[serde(default)]
    pub verdict: String,
    /// What breaks the policy, each with its path and rule; as many as there is room for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub violations_left_out: u64,
    /// How many of all these the tree does not show: a repository that lay in the checkout, a secret that only the worker
    /// knows. They are the last ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_in_tree: u64,
}

impl PolicyReceipt {
    /// The verdict on work that breaks no rule.
    pub const ALLOWED: &str = "allowed";
    /// The verdict on work that breaks one.
    pub const REFUSED: &str = "refused";

    /// Whether the work was allowed; nothing if the verdict is neither of the two words.
    pub fn is_allowed(&self) -> Option<bool> {
        match self.verdict.as_str() {
            Self::ALLOWED => Some(true),
            Self::REFUSED => Some(false),
            _ => None,
        }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
