//! `Work`: what is to be done for an attempt.

use k8s_openapi::api::batch::v1::Job;
use leviathan_core::id::AttemptId;

/// Something to be done for one attempt, because of what is known of it.
#[derive(Debug)]
pub(super) enum Work {
    /// Ask again how it stands, before it is ended.
    LookAgain { attempt: AttemptId, job_name: String, job_uid: String, with_events: bool },
    /// Begin to read its log while its worker runs.
    FollowLog { job_uid: String, pod: String },
    /// Keep its log, as it was followed, or as its pod gives it if that is still there.
    KeepLog {
        attempt: AttemptId,
        job_uid: String,
        pod: Option<String>,
        worker_ran: bool,
        /// Whether its worker was seen to end, so that a log that came to its end is whole.
        worker_ended: bool,
    },
    /// Make the Secret that it waits for.
    MakeSecret { attempt: AttemptId, job: Box<Job> },
}
