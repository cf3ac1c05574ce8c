//! `CommandAgent`: any command line as an agent.

use super::{Agent, AgentError, AgentOutcome, AgentTurn};
use crate::Failure;
use crate::checks::CheckRun;
use crate::text::tail;
use async_trait::async_trait;
use bytes::Bytes;
use leviathan_core::Secret;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::{Cause, worker_env};
use leviathan_core::id::{AttemptId, TargetId};
use leviathan_local::process::{CommandExit, CommandSpec, Containment, run_command};
use serde::Serialize;
use std::path::PathBuf;

/// The variable with the path of the turn's JSON.
const TASK_FILE: &str = "LEVIATHAN_TASK_FILE";
/// The variable with the path of the failing check's output; missing in the first round.
const FAILURE_FILE: &str = "LEVIATHAN_FAILURE_FILE";
/// The variable with the round's number.
const ROUND: &str = "LEVIATHAN_ROUND";

/// Output kept of one turn, in bytes.
const OUTPUT_LIMIT: usize = 512 * 1024;

/// Runs a command line by `sh -c` in the checkout, once for each turn.
///
/// The command gets the turn as JSON on its standard input and in the file that `LEVIATHAN_TASK_FILE` names:
/// `{"attempt_id","target_id","round","task":{…},"failure":{"command","exit_code","output"}}`, the failure only where a
/// check failed in the round before; its output stands in the file that `LEVIATHAN_FAILURE_FILE` names, too. The
/// environment holds these two, `LEVIATHAN_ROUND`, `TASK_ID`, `ATTEMPT_ID` and the scrubbed environment of the turn,
/// and of the worker's own only the variables that the agent was given by name. Exit code 0 ends the turn well.
#[derive(Debug, Clone)]
pub struct CommandAgent {
    command: Option<String>,
    env: Vec<(String, Secret)>,
    containment: Containment,
}

impl CommandAgent {
    /// An agent that runs `command` and lets it see `env` as well. Without a command every turn is a `config_error`.
    pub fn new(command: Option<String>, env: Vec<(String, Secret)>, containment: Containment) -> Self {
        Self { command, env, containment }
    }
}

/// What the command reads.
#[derive(Serialize)]
struct Question<'a> {
    attempt_id: &'a AttemptId,
    target_id: &'a TargetId,
    round: u32,
    task: &'a TaskFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailedCheck<'a>>,
}

#[derive(Serialize)]
struct FailedCheck<'a> {
    command: &'a str,
    exit_code: Option<i32>,
    output: String,
}

impl<'a> FailedCheck<'a> {
    fn of(run: &'a CheckRun) -> Self {
        let output = String::from_utf8_lossy(&run.output).into_owned();
        Self { command: &run.command, exit_code: run.exit_code(), output }
    }
}

impl CommandAgent {
    fn spec(&self, command: &str, turn: &AgentTurn<'_>) -> Result<CommandSpec, Failure> {
        let question = Question {
            attempt_id: turn.attempt,
            target_id: turn.target,
            round: turn.round,
            task: turn.task,
            failure: turn.failed_check.map(FailedCheck::of),
        };
        let question = serde_json::to_vec_pretty(&question).map_err(|error| {
            Failure::new(Cause::AgentError, format!("the task cannot be written: {error}"))
        })?;
        let mut env = turn.env.clone();
        let mut set = |name: &str, value: String| {
            env.insert(name.into(), value.into());
        };
        set(TASK_FILE, file(turn, "task.json", &question)?.display().to_string());
        if let Some(run) = turn.failed_check {
            set(FAILURE_FILE, file(turn, "failure.txt", &run.output)?.display().to_string());
        }
        set(ROUND, turn.round.to_string());
        set(worker_env::TASK_ID, turn.task.task_id.to_string());
        set(worker_env::ATTEMPT_ID, turn.attempt.to_string());
        for (name, value) in &self.env {
            set(name, value.expose().to_owned());
        }
        Ok(turn.confinement.of(CommandSpec {
            program: "sh".into(),
            args: vec!["-c".into(), command.into()],
            env,
            cwd: turn.checkout.to_owned(),
            stdin: Bytes::from(question),
            deadline: turn.time_left,
            output_limit: OUTPUT_LIMIT,
            containment: self.containment,
        }))
    }
}

fn file(turn: &AgentTurn<'_>, name: &str, content: &[u8]) -> Result<PathBuf, Failure> {
    let path = turn.scratch.join(name);
    std::fs::write(&path, content).map_err(|error| {
        Failure::new(Cause::AgentError, format!("writing {} for the agent failed: {error}", path.display()))
    })?;
    Ok(path)
}

#[async_trait]
impl Agent for CommandAgent {
    async fn work(&self, turn: &AgentTurn<'_>) -> Result<AgentOutcome, AgentError> {
        let command = self.command.as_deref().ok_or_else(|| {
            let summary = format!(
                "there is no agent: set {} to the command line to run as one",
                worker_env::AGENT_COMMAND
            );
            Failure::new(Cause::ConfigError, summary)
        })?;
        let end = run_command(&self.spec(command, turn)?)
            .await
            .map_err(|error| Failure::new(Cause::AgentError, format!("the agent was not run: {error}")))?;
        let output = end.output.to_bytes();
        let (cause, how) = match end.exit {
            CommandExit::Code(0) => return Ok(AgentOutcome { output }),
            CommandExit::DeadlineExceeded => {
                (Cause::DeadlineExceeded, "used up the attempt's time".to_owned())
            }
            exit => (Cause::AgentError, format!("ended with {exit}")),
        };
        let summary = format!("the agent {how} in round {}; its last words: {}", turn.round, tail(&output));
        Err(AgentError { failure: Failure::new(cause, summary), output })
    }
}
