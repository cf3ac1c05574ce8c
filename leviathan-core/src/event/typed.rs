//! `Event`: a typed fact, read from an event type and a payload, and written back to them.

use super::payload::*;
use super::{EventType, Payload, kind};
use crate::id::{AttemptId, TargetId};
use crate::json;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A payload that is not what its type asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct DecodeError {
    /// JSON path of the fault, for instance `payload.attempt_id`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

/// Ties each typed event to its kind string and its payload, once.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $kind:ident),* $(,)?) => {
        /// A fact that Leviathan projects, or a custom one that it only records.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($payload),)*
            /// Any other type: recorded, never projected.
            Custom,
        }

        impl Event {
            /// Every kind that has a typed payload.
            pub const KINDS: &'static [&'static str] = &[$(kind::$kind),*];

            /// Reads a payload by its type first, so that nothing is buffered. `target` is the envelope's.
            ///
            /// # Errors
            /// [`DecodeError`] if a typed payload lacks an id or a field has the wrong type, or the version is not known.
            pub fn decode(
                event_type: &str,
                version: u32,
                payload: &str,
                target: Option<&TargetId>,
            ) -> Result<Event, DecodeError> {
                match event_type {
                    $(kind::$kind => {
                        let mut payload: $payload = read(event_type, version, payload)?;
                        payload.resolve(target)?;
                        Ok(Event::$variant(payload))
                    })*
                    _ => Ok(Event::Custom),
                }
            }

            /// What kind of fact it is. A custom fact has no type of its own here.
            pub fn event_type(&self) -> EventType {
                match self {
                    $(Event::$variant(_) => kind::$kind.into(),)*
                    Event::Custom => "custom".into(),
                }
            }

            /// The payload as text.
            pub fn payload(&self) -> Payload {
                match self {
                    $(Event::$variant(payload) => Payload::of(payload),)*
                    Event::Custom => Payload::of(&serde_json::Map::new()),
                }
            }
        }
    };
}

events! {
    /// The log began.
    LogCreated(LogCreated) = LOG_CREATED,
    /// The limits of the whole log changed.
    LimitsChanged(LimitsChanged) = LIMITS_CHANGED,
    /// A scheduler leads from here on.
    SchedulerElected(SchedulerElected) = SCHEDULER_ELECTED,
    /// A target is worked from here on.
    TargetRegistered(TargetFields) = TARGET_REGISTERED,
    /// A target changed, or its default branch moved.
    TargetUpdated(TargetFields) = TARGET_UPDATED,
    /// Nothing of the target is started any more.
    TargetPaused(TargetReason) = TARGET_PAUSED,
    /// The target's work goes on.
    TargetResumed(TargetReason) = TARGET_RESUMED,
    /// The forge does not say how the target's pull requests stand.
    TargetForgeUnknown(ForgeState) = TARGET_FORGE_UNKNOWN,
    /// The forge says it again.
    TargetForgeKnown(ForgeState) = TARGET_FORGE_KNOWN,
    /// A task appeared in the backlog.
    TaskCreated(TaskFields) = TASK_CREATED,
    /// A task was edited in the backlog.
    TaskUpdated(TaskFields) = TASK_UPDATED,
    /// A task vanished from the backlog.
    TaskRemoved(TaskReason) = TASK_REMOVED,
    /// A task ended, `completed` or `failed`.
    TaskCompleted(TaskReason) = TASK_COMPLETED,
    /// A task waits for an operator.
    TaskBlocked(TaskReason) = TASK_BLOCKED,
    /// An operator lets a blocked or failed task be tried again.
    TaskRetried(TaskReason) = TASK_RETRIED,
    /// An attempt was opened.
    AttemptCreated(AttemptCreated) = ATTEMPT_CREATED,
    /// An attempt's worker began.
    AttemptStarted(AttemptStarted) = ATTEMPT_STARTED,
    /// An attempt succeeded.
    AttemptSucceeded(AttemptSucceeded) = ATTEMPT_SUCCEEDED,
    /// An attempt failed.
    AttemptFailed(AttemptFailed) = ATTEMPT_FAILED,
    /// An operator wants an attempt to stop.
    AttemptCancelRequested(AttemptReason) = ATTEMPT_CANCEL_REQUESTED,
    /// An attempt ended because it was told to.
    AttemptCancelled(AttemptReason) = ATTEMPT_CANCELLED,
    /// An attempt's result does not count any more.
    AttemptInvalidated(AttemptReason) = ATTEMPT_INVALIDATED,
    /// The executor took an attempt.
    JobSubmitted(JobFields) = JOB_SUBMITTED,
    /// The executor saw an attempt run.
    JobStarted(JobFields) = JOB_STARTED,
    /// The executor saw an attempt exit with 0.
    JobCompleted(JobFields) = JOB_COMPLETED,
    /// The executor saw an attempt end otherwise, or lost it.
    JobFailed(JobFields) = JOB_FAILED,
    /// A task waits until it is tried again.
    RetryScheduled(RetryScheduled) = RETRY_SCHEDULED,
    /// An attempt left bytes behind.
    ArtifactCreated(ArtifactCreated) = ARTIFACT_CREATED,
    /// A check began.
    TestsStarted(TestsFields) = TESTS_STARTED,
    /// A check passed.
    TestsPassed(TestsFields) = TESTS_PASSED,
    /// A check failed.
    TestsFailed(TestsFields) = TESTS_FAILED,
    /// A pull request was opened.
    PrCreated(PullRequestFields) = PR_CREATED,
    /// A pull request was merged.
    PrMerged(PullRequestFields) = PR_MERGED,
    /// A pull request was closed without being merged.
    PrClosed(PullRequestFields) = PR_CLOSED,
    /// A model was called.
    ModelCallStarted(ModelCall) = MODEL_CALL_STARTED,
    /// A model answered.
    ModelCallCompleted(ModelCall) = MODEL_CALL_COMPLETED,
    /// A result was judged by the policy.
    PolicyReceipt(PolicyReceipt) = POLICY_RECEIPT,
}

impl Event {
    /// The version of the payload's schema that this program writes.
    pub fn version(&self) -> u32 {
        1
    }

    /// Whether it tells how an attempt ended.
    pub(crate) fn is_end_of_attempt(&self) -> bool {
        matches!(self, Self::AttemptSucceeded(_) | Self::AttemptFailed(_) | Self::AttemptCancelled(_))
    }

    /// The target that a typed event is about, where its payload names one.
    pub fn target_id(&self) -> Option<&TargetId> {
        match self {
            Self::TargetRegistered(fields) | Self::TargetUpdated(fields) => fields.target_id.as_ref(),
            Self::TargetPaused(fields) | Self::TargetResumed(fields) => fields.target_id.as_ref(),
            Self::TargetForgeUnknown(fields) | Self::TargetForgeKnown(fields) => fields.target_id.as_ref(),
            Self::TaskCreated(fields) | Self::TaskUpdated(fields) => fields.target_id.as_ref(),
            Self::TaskRemoved(fields)
            | Self::TaskCompleted(fields)
            | Self::TaskBlocked(fields)
            | Self::TaskRetried(fields) => fields.target_id.as_ref(),
            Self::AttemptCreated(fields) => fields.target_id.as_ref(),
            Self::RetryScheduled(fields) => fields.target_id.as_ref(),
            _ => None,
        }
    }

    /// The attempt that a typed event is about.
    pub fn attempt_id(&self) -> Option<&AttemptId> {
        match self {
            Self::AttemptCreated(fields) => Some(&fields.attempt_id),
            Self::AttemptStarted(fields) => Some(&fields.attempt_id),
            Self::AttemptSucceeded(fields) => Some(&fields.attempt_id),
            Self::AttemptFailed(fields) => Some(&fields.attempt_id),
            Self::AttemptCancelRequested(fields)
            | Self::AttemptCancelled(fields)
            | Self::AttemptInvalidated(fields) => Some(&fields.attempt_id),
            Self::JobSubmitted(fields)
            | Self::JobStarted(fields)
            | Self::JobCompleted(fields)
            | Self::JobFailed(fields) => Some(&fields.attempt_id),
            Self::ArtifactCreated(fields) => Some(&fields.attempt_id),
            Self::TestsStarted(fields) | Self::TestsPassed(fields) | Self::TestsFailed(fields) => {
                Some(&fields.attempt_id)
            }
            Self::ModelCallStarted(fields) | Self::ModelCallCompleted(fields) => Some(&fields.attempt_id),
            Self::PolicyReceipt(fields) => Some(&fields.attempt_id),
            Self::PrCreated(fields) | Self::PrMerged(fields) | Self::PrClosed(fields) => {
                fields.attempt_id.as_ref()
            }
            Self::RetryScheduled(fields) => fields.attempt_id.as_ref(),
            _ => None,
        }
    }
}

/// Kinds that the graph files under their attempt, and of which no more than the kind counts.
const ONLY_MENTIONED: &[&str] = &[
    kind::JOB_COMPLETED,
    kind::JOB_FAILED,
    kind::TESTS_STARTED,
    kind::TESTS_PASSED,
    kind::TESTS_FAILED,
    kind::MODEL_CALL_STARTED,
];

/// What all of those have in common.
#[derive(Deserialize)]
struct Mention {
    attempt_id: AttemptId,
}

impl Event {
    /// Whether events of this kind open an attempt or tell how one ended.
    pub(crate) fn moves_attempt(event_type: &str) -> bool {
        matches!(
            event_type,
            kind::ATTEMPT_CREATED | kind::ATTEMPT_SUCCEEDED | kind::ATTEMPT_FAILED | kind::ATTEMPT_CANCELLED
        )
    }

    /// Whether a check passed, of events of the two kinds that say so.
    pub(crate) fn check_passed(event_type: &str) -> Option<bool> {
        match event_type {
            kind::TESTS_PASSED => Some(true),
            kind::TESTS_FAILED => Some(false),
            _ => None,
        }
    }

    /// The attempt of an event that the graph only files under it; nothing for kinds that it makes more of. Nothing else
    /// of such an event is read.
    pub(crate) fn only_mentioned(
        event_type: &str,
        version: u32,
        payload: &str,
    ) -> Option<Result<AttemptId, DecodeError>> {
        if !ONLY_MENTIONED.contains(&event_type) {
            return None;
        }
        // As we and our workers write it the attempt comes first, and the rest need not be looked at.
        let first = payload.strip_prefix("{\"attempt_id\":\"").and_then(|rest| rest.split_once('"'));
        if let Some((id, _)) = first.filter(|(id, _)| version == 1 && !id.contains('\\'))
            && let Ok(id) = AttemptId::new(id)
        {
            return Some(Ok(id));
        }
        Some(read(event_type, version, payload).map(|mention: Mention| mention.attempt_id))
    }
}

fn read<T: DeserializeOwned>(event_type: &str, version: u32, payload: &str) -> Result<T, DecodeError> {
    if version != 1 {
        return Err(DecodeError {
            path: "version".to_owned(),
            what: format!("version {version} of {event_type} is not known; this program knows version 1"),
        });
    }
    json::read(payload).map_err(|fault| DecodeError { path: fault.path_from("payload"), what: fault.what() })
}

/// Fills in the target from the envelope, where the payload leaves it out.
trait Resolve {
    fn resolve(&mut self, _envelope: Option<&TargetId>) -> Result<(), DecodeError> {
        Ok(())
    }
}

macro_rules! belongs_to_target {
    ($($payload:ty),*) => {
        $(impl Resolve for $payload {
            fn resolve(&mut self, envelope: Option<&TargetId>) -> Result<(), DecodeError> {
                if self.target_id.is_none() {
                    self.target_id = envelope.cloned();
                }
                match self.target_id {
                    Some(_) => Ok(()),
                    None => Err(DecodeError {
                        path: "payload".to_owned(),
                        what: "missing field `target_id`".to_owned(),
                    }),
                }
            }
        })*
    };
}

belongs_to_target!(
    TargetFields,
    TargetReason,
    ForgeState,
    TaskFields,
    TaskReason,
    AttemptCreated,
    RetryScheduled
);

impl Resolve for LogCreated {}
impl Resolve for LimitsChanged {}
impl Resolve for SchedulerElected {}
impl Resolve for AttemptStarted {}
impl Resolve for AttemptSucceeded {}
impl Resolve for AttemptFailed {}
impl Resolve for AttemptReason {}
impl Resolve for JobFields {}
impl Resolve for ArtifactCreated {}
impl Resolve for TestsFields {}
impl Resolve for PullRequestFields {}
impl Resolve for ModelCall {}
impl Resolve for PolicyReceipt {}
