//! `AttemptState`: how an attempt stands, read from its directory.

use super::attempt_dir::AttemptDir;
use super::outcome::Outcome;
use super::supervisor_identity::SupervisorIdentity;
use crate::process::PidFd;
use std::io;

/// How an attempt stands. From top to bottom, never back.
#[derive(Debug)]
pub(crate) enum AttemptState {
    /// There is a spec and no supervisor yet: a launch was cut short or is under way.
    Submitted,
    /// Its supervisor lives.
    Running(PidFd),
    /// Its supervisor left an outcome.
    Finished(Outcome),
    /// Its supervisor is dead and left none, or what it left cannot be read. The text is for a person.
    Lost(Option<SupervisorIdentity>, String),
    /// There is no such attempt.
    Absent,
}

impl AttemptState {
    /// Must be called within a tokio runtime.
    pub(crate) fn read(dir: &AttemptDir) -> io::Result<Self> {
        match Self::look(dir) {
            // It writes the outcome before it ends, and may have done both since the first look.
            Ok(Self::Lost(..)) => Self::look(dir),
            // A damaged file stays damaged: the attempt must not be asked for again and again.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Ok(Self::Lost(None, error.to_string()))
            }
            known => known,
        }
    }

    fn look(dir: &AttemptDir) -> io::Result<Self> {
        if let Some(outcome) = dir.outcome()? {
            return Ok(Self::Finished(outcome));
        }
        let supervisor = dir.supervisor()?;
        if dir.launch()?.is_none() {
            return Ok(Self::Absent);
        }
        let Some(supervisor) = supervisor else { return Ok(Self::Submitted) };
        Ok(match supervisor.hold()? {
            Some(hold) => Self::Running(hold),
            None => Self::Lost(
                Some(supervisor),
                "its supervisor died without an outcome (killed, or the machine restarted)".to_owned(),
            ),
        })
    }
}
