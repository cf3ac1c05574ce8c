//! `AgentTurn`: what an agent is asked for.

use crate::checks::CheckRun;
use crate::confine::Confinement;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::id::{AttemptId, TargetId};
use std::{collections::BTreeMap, ffi::OsString, path::Path, time::Duration};

/// One turn of an agent.
#[derive(Debug, Clone, Copy)]
pub struct AgentTurn<'a> {
    /// The attempt.
    pub attempt: &'a AttemptId,
    /// The target.
    pub target: &'a TargetId,
    /// What is to be done, as the backlog of the base commit has it.
    pub task: &'a TaskFields,
    /// 1 for the first try, one more for each repair.
    pub round: u32,
    /// The check that failed in the round before.
    pub failed_check: Option<&'a CheckRun>,
    /// Where to work: the files as the agent left them in its last turn, with a git repository that has no remote.
    pub checkout: &'a Path,
    /// A folder outside the checkout for what is needed for the turn.
    pub scratch: &'a Path,
    /// The scrubbed environment to start programs with.
    pub env: &'a BTreeMap<OsString, OsString>,
    /// How programs are to be started that are not trusted more than the agent.
    pub confinement: &'a Confinement,
    /// How long the turn may take.
    pub time_left: Duration,
}
