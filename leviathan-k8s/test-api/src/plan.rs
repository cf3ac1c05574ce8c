//! `Plan`: what becomes of a Job's pod.

use k8s_openapi::api::batch::v1::Job;

/// What becomes of a Job's pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// There is a pod, and the test moves it.
    Held,
    /// It runs and ends by itself.
    Exits {
        /// The exit code.
        code: i32,
        /// What it writes to `/dev/termination-log`.
        message: String,
        /// What it writes to its log.
        log: String,
    },
    /// It runs until it is asked to stop, and stops then.
    Hangs,
    /// It runs until it is killed: when the grace of its deletion, or its deadline, is over.
    Deaf,
    /// It waits for ever: `ImagePullBackOff`, `CreateContainerConfigError` ….
    Waits {
        /// The reason of the waiting container.
        reason: String,
        /// Its message.
        message: String,
    },
    /// No node takes it.
    Unschedulable {
        /// What the scheduler says.
        message: String,
    },
    /// There is no pod, only an Event with this message: a quota, PodSecurity, a missing service account.
    Denied {
        /// What follows on `Error creating: pods "…" is forbidden: `.
        message: String,
    },
}

/// A variable of a Job's first container, so that a plan can be found by what the Job is to do.
pub fn env_of(job: &Job, name: &str) -> Option<String> {
    let container = job.spec.as_ref()?.template.spec.as_ref()?.containers.first()?;
    container.env.as_ref()?.iter().find(|variable| variable.name == name)?.value.clone()
}
