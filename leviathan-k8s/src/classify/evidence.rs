//! `Evidence`: what is known of one attempt's Job.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};

/// What is known of one attempt's Job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) job: &'a Job,
    /// Its pod as it was seen last.
    pub(crate) pod: Option<&'a Pod>,
    /// Whether that pod is there no more.
    pub(crate) pod_gone: bool,
    /// Whether this executor was asked to stop it.
    pub(crate) cancelled: bool,
    /// Events about the Job and its pod, as far as they were asked for and may be read.
    pub(crate) events: &'a [Event],
}

impl Evidence<'_> {
    /// The newest message of an event with one of these reasons.
    pub(super) fn event(&self, reasons: &[&str]) -> Option<&str> {
        let of_reason =
            |event: &&Event| event.reason.as_deref().is_some_and(|reason| reasons.contains(&reason));
        self.events.iter().rev().find(of_reason)?.message.as_deref()
    }
}
