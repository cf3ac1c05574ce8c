//! `Observation`: what an executor saw.

use super::{Cause, FinalMessage};
use crate::artifact::ArtifactRef;
use crate::id::AttemptId;

/// One item of [`Executor::watch`](super::Executor::watch).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// An attempt is held, and this is how it stands.
    Held(Sighting),
    /// Everything held when the watch began has been said.
    Synced,
    /// An attempt that was held is held no more, and it was not released.
    Gone(AttemptId),
}

/// How one attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// How far it is. Never goes back.
    pub phase: Phase,
    /// What the backend calls it, for people.
    pub job_name: Option<String>,
}

/// How far an attempt is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Taken, not yet running.
    Submitted,
    /// Its worker runs.
    Running,
    /// It ended. Remembered until it is released.
    Finished(Box<End>),
}

/// How an attempt ended, as its executor saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// The worker's exit code, where it had one.
    pub exit_code: Option<i32>,
    /// What the executor itself knows of why: out of memory, deadline, eviction. It goes before the exit code.
    pub cause: Option<Cause>,
    /// A sentence for a person: what happened, and what to look at.
    pub detail: Option<String>,
    /// The worker's last word.
    pub final_message: Option<FinalMessage>,
    /// Logs and other bytes that the executor put into the artifact store.
    pub artifacts: Vec<ArtifactRef>,
}

impl Phase {
    /// 0, 1, 2: for seeing that phases never go back.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Submitted => 0,
            Self::Running => 1,
            Self::Finished(_) => 2,
        }
    }
}
