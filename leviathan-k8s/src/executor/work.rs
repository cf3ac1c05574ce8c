//! `Work`: what is to be done for an attempt.

use k8s_openapi::api::batch::v1::Job;
use leviathan_core::id::AttemptId;

/// Something to be done for one attempt, because of what is known of it.
#[derive(Debug)]
pub(super) enum Work {
    /// Ask why it does not start.
    ReadEvents { attempt: AttemptId, job_uid: String, pod_uid: Option<String> },
    /// Keep its log, if its pod is still there to give it.
    KeepLog { attempt: AttemptId, job_uid: String, pod: Option<String>, worker_ran: bool },
    /// Make the Secret that it waits for.
    MakeSecret { attempt: AttemptId, job: Box<Job> },
}
