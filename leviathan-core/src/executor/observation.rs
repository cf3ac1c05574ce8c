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
    /// An attempt that was held is held no more. That need not be said of one that was released, and then means nothing.
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
///
/// What it comes to is decided together with what the worker reported, in its events or in `final_message`, by the
/// first of these rows that fits:
///
/// | the end | reported | outcome |
/// |---|---|---|
/// | any but exit code 0, after a cancel was recorded | failure or nothing | cancelled |
/// | exit code 0, no cause | success | succeeded |
/// | exit code 0, no cause | nothing | failed: `no_report` |
/// | another exit code, or a cause | success or nothing | failed: the cause, else `exit_code(n)` |
/// | a cause of the infrastructure, for instance `lost` | success | succeeded, marked as unconfirmed |
/// | any | failure | failed: the reported cause |
///
/// So an executor whose work knows nothing of Leviathan gives an exit code of 0 *and* a final message for a success:
/// [`AttemptResult::final_message`](super::AttemptResult::final_message) makes one. An end without exit code and cause is
/// `lost`. Which causes are of the infrastructure, and what each costs, says [`Cause::class`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// The worker's exit code, where it had one. For what was killed by a signal, 128 and the signal's number, or none.
    pub exit_code: Option<i32>,
    /// What the executor itself knows of why: out of memory, deadline, eviction. It goes before the exit
    /// code, so what ended well has none, also if it was asked to stop.
    pub cause: Option<Cause>,
    /// A sentence for a person: what happened, and what to look at.
    pub detail: Option<String>,
    /// The worker's last word. One of another attempt must be left out.
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
