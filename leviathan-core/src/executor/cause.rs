//! `Cause`: why an attempt failed, and what that costs.

use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// Why an attempt failed. Its text form is the `failure_type` of `attempt.failed`, for instance `checks_failed` or
/// `exit_code(3)`. A cause that another producer made up is kept as [`Other`](Cause::Other).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
#[non_exhaustive]
pub enum Cause {
    /// The repository's checks failed in every repair round.
    ChecksFailed,
    /// The repository's setup failed.
    SetupFailed,
    /// The agent ended with an error.
    AgentError,
    /// The agent used up what it may: `turns`, `tokens`, `cost` or `time`.
    AgentLimit(String),
    /// The result breaks the policy.
    PolicyViolation,
    /// The agent changed nothing.
    NoChanges,
    /// The worker ended well and said nothing.
    NoReport,
    /// The worker ended with this code and said nothing of why.
    ExitCode(i32),
    /// Memory ran out.
    OutOfMemory,
    /// Time ran out.
    DeadlineExceeded,
    /// Something that an operator must set right: a missing secret, a bad image name, a quota, a broken policy file.
    ConfigError,
    /// The repository refused to be read.
    CloneDenied,
    /// The repository refused to be written.
    PushDenied,
    /// The image could not be pulled.
    ImagePull,
    /// No node had room.
    Unschedulable,
    /// The node needed its room back.
    Evicted,
    /// Something more important took its place.
    Preempted,
    /// The node went away.
    NodeLost,
    /// Somebody deleted the pod.
    PodDeleted,
    /// The executor does not know it any more.
    Lost,
    /// The repository could not be reached for reading.
    CloneFailed,
    /// The repository could not be reached for writing, or its branch moved.
    PushFailed,
    /// It was told to stop.
    Cancelled,
    /// A cause of another producer's making.
    Other(String),
}

/// What a failure costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseClass {
    /// It uses a try.
    Task,
    /// It uses no try; the target is paused until an operator has looked.
    Configuration,
    /// It uses no try, up to a number of infrastructure retries.
    Infrastructure,
    /// It uses no try; somebody wanted it.
    Cancelled,
}

const PLAIN: &[(Cause, &str, CauseClass)] = &[
    (Cause::ChecksFailed, "checks_failed", CauseClass::Task),
    (Cause::SetupFailed, "setup_failed", CauseClass::Task),
    (Cause::AgentError, "agent_error", CauseClass::Task),
    (Cause::PolicyViolation, "policy_violation", CauseClass::Task),
    (Cause::NoChanges, "no_changes", CauseClass::Task),
    (Cause::NoReport, "no_report", CauseClass::Task),
    (Cause::OutOfMemory, "out_of_memory", CauseClass::Task),
    (Cause::DeadlineExceeded, "deadline_exceeded", CauseClass::Task),
    (Cause::ConfigError, "config_error", CauseClass::Configuration),
    (Cause::CloneDenied, "clone_denied", CauseClass::Configuration),
    (Cause::PushDenied, "push_denied", CauseClass::Configuration),
    (Cause::ImagePull, "image_pull", CauseClass::Infrastructure),
    (Cause::Unschedulable, "unschedulable", CauseClass::Infrastructure),
    (Cause::Evicted, "evicted", CauseClass::Infrastructure),
    (Cause::Preempted, "preempted", CauseClass::Infrastructure),
    (Cause::NodeLost, "node_lost", CauseClass::Infrastructure),
    (Cause::PodDeleted, "pod_deleted", CauseClass::Infrastructure),
    (Cause::Lost, "lost", CauseClass::Infrastructure),
    (Cause::CloneFailed, "clone_failed", CauseClass::Infrastructure),
    (Cause::PushFailed, "push_failed", CauseClass::Infrastructure),
    (Cause::Cancelled, "cancelled", CauseClass::Cancelled),
];

impl Cause {
    /// Stands where a producer named no cause.
    pub fn unknown() -> Self {
        Self::Other("unknown".to_owned())
    }

    /// What it costs. Causes of another producer's making use a try, like anything that a task did.
    pub fn class(&self) -> CauseClass {
        PLAIN.iter().find(|(cause, ..)| cause == self).map_or(CauseClass::Task, |(_, _, class)| *class)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgentLimit(what) => write!(f, "agent_limit({what})"),
            Self::ExitCode(code) => write!(f, "exit_code({code})"),
            Self::Other(text) => f.pad(text),
            plain => {
                f.pad(PLAIN.iter().find(|(cause, ..)| cause == plain).map_or("unknown", |(_, name, _)| name))
            }
        }
    }
}

impl FromStr for Cause {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some((cause, ..)) = PLAIN.iter().find(|(_, name, _)| *name == text) {
            return Ok(cause.clone());
        }
        if let Some(code) = inner("exit_code").and_then(|code| code.parse().ok()) {
            return Ok(Self::ExitCode(code));
        }
        if let Some(what) = inner("agent_limit") {
            return Ok(Self::AgentLimit(what.to_owned()));
        }
        Ok(Self::Other(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        crate::text::read(from, str::parse)
    }
}

impl From<Cause> for String {
    fn from(cause: Cause) -> String {
        cause.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_reads_back_from_its_text() {
        let more =
            [Cause::ExitCode(137), Cause::AgentLimit("tokens".into()), Cause::Other("cosmic_ray".into())];
        for cause in PLAIN.iter().map(|(cause, ..)| cause.clone()).chain(more) {
            assert_eq!(cause.to_string().parse(), Ok(cause));
        }
    }
}
