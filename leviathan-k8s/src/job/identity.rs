//! `Identity`: what a Job says of the attempt that it is of.

use super::name::{job_name, label_value};
use k8s_openapi::api::batch::v1::Job;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Head;
use std::collections::BTreeMap;

const FLEET: &str = "leviathan/fleet";
const ATTEMPT: &str = "leviathan/attempt";
const TARGET: &str = "leviathan/target";
const TASK: &str = "leviathan/task";
const ATTEMPT_ID: &str = "leviathan/attempt-id";
const TARGET_ID: &str = "leviathan/target-id";
const TASK_ID: &str = "leviathan/task-id";
const SPEC_SHA256: &str = "leviathan/spec-sha256";
const CREATED: &str = "leviathan/created";
/// The label by which Kubernetes tells which Job made a pod. Names are no help: the pod of an earlier Job may still bear the
/// same.
pub(crate) const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

/// What is ours within a namespace.
pub(crate) fn fleet_selector(fleet: &str) -> String {
    format!("{FLEET}={fleet}")
}

/// What marks a thing as the fleet's.
pub(crate) fn fleet_label(fleet: &str) -> (String, String) {
    (FLEET.to_owned(), fleet.to_owned())
}

/// For finding things: values that do not fit are fitted.
pub(super) fn labels(spec: &AttemptSpec, fleet: &str) -> BTreeMap<String, String> {
    [
        ("app", "leviathan".to_owned()),
        (FLEET, fleet.to_owned()),
        (ATTEMPT, label_value(spec.attempt_id.as_str())),
        (TARGET, label_value(spec.target_id.as_str())),
        (TASK, label_value(spec.task_id.as_str())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The ids as they are, and what the attempt was launched with.
pub(super) fn annotations(spec: &AttemptSpec, created: &Head) -> BTreeMap<String, String> {
    [
        (ATTEMPT_ID, spec.attempt_id.to_string()),
        (TARGET_ID, spec.target_id.to_string()),
        (TASK_ID, spec.task_id.to_string()),
        (SPEC_SHA256, spec.hash().to_string()),
        (CREATED, created.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Who a Job is, as far as it is one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) attempt_id: AttemptId,
    pub(crate) job_name: String,
    pub(crate) uid: String,
    pub(crate) spec_sha256: String,
}

impl Identity {
    /// Reads it from a Job that the API server gave; nothing, if the Job is not what this fleet would have made.
    pub(crate) fn of(job: &Job, fleet: &str) -> Option<Self> {
        let (labels, annotations) = (job.metadata.labels.as_ref()?, job.metadata.annotations.as_ref()?);
        let attempt_id = AttemptId::new(annotations.get(ATTEMPT_ID)?).ok()?;
        let identity = Self {
            job_name: job.metadata.name.clone()?,
            uid: job.metadata.uid.clone()?,
            spec_sha256: annotations.get(SPEC_SHA256)?.clone(),
            attempt_id,
        };
        let ours = labels.get(FLEET)? == fleet && identity.job_name == job_name(&identity.attempt_id);
        ours.then_some(identity)
    }
}
