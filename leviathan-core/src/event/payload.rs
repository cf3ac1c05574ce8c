//! The payloads of typed events, named as on the wire. Only the ids that name the subject are required; fields that a
//! producer adds are ignored here and kept by the log.

mod attempt;
mod control;
mod evidence;
mod job;
mod target;
mod task;

pub use attempt::{AttemptCreated, AttemptFailed, AttemptReason, AttemptStarted, AttemptSucceeded};
pub use control::{LimitsChanged, LogCreated, RetryScheduled, SchedulerElected};
pub use evidence::{ArtifactCreated, ModelCall, PolicyReceipt, PullRequestFields, TestsFields};
pub use job::JobFields;
pub use target::{ForgeState, TargetFields, TargetReason};
pub use task::{TaskFields, TaskReason};

/// Reads a whole number that other producers may write with a fraction, such as a duration of `12.5` milliseconds.
pub(crate) fn whole<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let number: Option<f64> = serde::Deserialize::deserialize(from)?;
    Ok(number.map(|number| number.round().max(0.0) as u64))
}
