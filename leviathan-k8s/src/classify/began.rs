//! `began`: since when something holds an attempt up, where the cluster says so.

use super::HoldKind;
use super::pod_view::PodView;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;

/// Since when, by the cluster's own times; for what holds up a pod that has a node, since it could have started.
pub(crate) fn began(kind: HoldKind, job: &Job, pod: Option<&Pod>) -> Option<Timestamp> {
    match (kind, pod) {
        (HoldKind::NoPod, None) => {
            // Set anew when a Job that was suspended goes on.
            let started = job.status.as_ref().and_then(|status| status.start_time.as_ref());
            Some(started.or(job.metadata.creation_timestamp.as_ref())?.0)
        }
        (HoldKind::Unschedulable, Some(pod)) => {
            changed(pod, "PodScheduled", "False").or(Some(pod.metadata.creation_timestamp.as_ref()?.0))
        }
        (HoldKind::ImagePull | HoldKind::Configuration | HoldKind::Starting, Some(pod)) => {
            let scheduled = changed(pod, "PodScheduled", "True")?;
            // Its containers start one after the other.
            Some(PodView(pod).init_ends().fold(scheduled, Timestamp::max))
        }
        // A deletion's time is when its grace ends.
        (HoldKind::Node, Some(pod)) => match &pod.metadata.deletion_timestamp {
            Some(deleted) => Some(deleted.0),
            None if PodView(pod).node_is_silent() => changed(pod, "Ready", "False"),
            None => None,
        },
        _ => None,
    }
}

fn changed(pod: &Pod, condition: &str, status: &str) -> Option<Timestamp> {
    let condition = PodView(pod).condition(condition).filter(|condition| condition.status == status)?;
    Some(condition.last_transition_time.as_ref()?.0)
}
