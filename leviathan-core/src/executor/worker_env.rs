//! The environment of a worker: the names that every executor and the worker agree on.

use super::AttemptSpec;
use crate::ForgeConfig;
use crate::log::Head;
use std::collections::BTreeMap;

/// The target's name.
pub const TARGET_NAME: &str = "TARGET_NAME";
/// Where its repository is.
pub const TARGET_REPO_URL: &str = "TARGET_REPO_URL";
/// The branch that work starts from.
pub const TARGET_BRANCH: &str = "TARGET_BRANCH";
/// The commit that work starts from; else the branch's tip.
pub const TARGET_COMMIT: &str = "TARGET_COMMIT";
/// The task.
pub const TASK_ID: &str = "TASK_ID";
/// The attempt.
pub const ATTEMPT_ID: &str = "ATTEMPT_ID";
/// Which attempt of its task it is: 1 for the first.
pub const ATTEMPT_NUMBER: &str = "LEVIATHAN_ATTEMPT_NUMBER";
/// Seconds for the whole attempt.
pub const DEADLINE_SECONDS: &str = "LEVIATHAN_DEADLINE_SECONDS";
/// `position:hash` of the attempt's `attempt.created`, for the commit's trailer.
pub const LOG_HEAD: &str = "LEVIATHAN_LOG_HEAD";
/// The control plane's API.
pub const CONTROL_PLANE_URL: &str = "CONTROL_PLANE_URL";
/// Its token for this worker; a secret.
pub const CONTROL_PLANE_TOKEN: &str = "CONTROL_PLANE_TOKEN";
/// Who keeps the target's pull requests: `github`, or `none`; else it follows from where the repository is.
pub const FORGE_KIND: &str = "LEVIATHAN_FORGE_KIND";
/// Where the forge's API is.
pub const FORGE_API_URL: &str = "LEVIATHAN_FORGE_API_URL";
/// The forge's token; a secret.
pub const GITHUB_TOKEN: &str = "GITHUB_TOKEN";
/// The model's key; a secret.
pub const CLAUDE_API_KEY: &str = "LEVIATHAN_CLAUDE_API_KEY";
/// The model's name.
pub const CLAUDE_MODEL: &str = "LEVIATHAN_CLAUDE_MODEL";
/// A command line to run as the agent.
pub const AGENT_COMMAND: &str = "LEVIATHAN_AGENT_COMMAND";
/// Names of the variables that the agent may see, comma separated.
pub const AGENT_ENV: &str = "LEVIATHAN_AGENT_ENV";
/// How often the agent may work in all, repairs included.
pub const MAX_ROUNDS: &str = "LEVIATHAN_MAX_ROUNDS";
/// Names of the variables that `setup`, checks and the agent may see besides `PATH`, `LANG` and `TZ`, comma separated:
/// where tools are, never a secret.
pub const CHECKS_ENV: &str = "LEVIATHAN_CHECKS_ENV";
/// Places outside the attempt that agent, `setup` and checks may read, separated by colons.
pub const READABLE: &str = "LEVIATHAN_READABLE";
/// Places that they may write too.
pub const WRITABLE: &str = "LEVIATHAN_WRITABLE";
/// How many processes of the worker's user there may be where one of theirs starts another.
pub const MAX_PROCESSES: &str = "LEVIATHAN_MAX_PROCESSES";
/// Memory for the data of each of their processes, in MB (1024 * 1024 bytes).
pub const MAX_MEMORY_MB: &str = "LEVIATHAN_MAX_MEMORY_MB";
/// How large a file of theirs may become, in MB.
pub const MAX_FILE_MB: &str = "LEVIATHAN_MAX_FILE_MB";
/// Where the final message goes.
pub const FINAL_MESSAGE: &str = "LEVIATHAN_FINAL_MESSAGE";
/// Where the worker works.
pub const WORKSPACE_DIR: &str = "LEVIATHAN_WORKSPACE_DIR";

/// What the attempt itself puts into its worker's environment. `created` is where its `attempt.created` stands.
pub fn attempt_env(spec: &AttemptSpec, created: &Head) -> BTreeMap<&'static str, String> {
    let mut env = BTreeMap::from([
        (TARGET_NAME, spec.target_id.to_string()),
        (TARGET_REPO_URL, spec.repo_url.clone()),
        (TARGET_BRANCH, spec.default_branch.clone()),
        (TARGET_COMMIT, spec.base_commit.clone()),
        (TASK_ID, spec.task_id.to_string()),
        (ATTEMPT_ID, spec.attempt_id.to_string()),
        (ATTEMPT_NUMBER, spec.attempt_number.to_string()),
        (LOG_HEAD, created.to_string()),
        (FORGE_KIND, spec.forge.kind().to_owned()),
    ]);
    if let ForgeConfig::Github { api_url } = &spec.forge {
        env.insert(FORGE_API_URL, api_url.clone());
    }
    if let Some(seconds) = spec.deadline_seconds {
        env.insert(DEADLINE_SECONDS, seconds.to_string());
    }
    env
}
