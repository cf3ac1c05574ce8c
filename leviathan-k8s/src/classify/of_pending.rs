//! What keeps a pod from starting its worker.

use super::pod_view::{PodView, Waiting};
use super::{Ended, Evidence, Hold, HoldKind};
use leviathan_core::executor::Cause;

/// What keeps a pod from starting its worker. All of it lasts for ever, as far as Kubernetes goes.
pub(super) fn pending(pod: &PodView<'_>, seen: &Evidence<'_>) -> Option<Hold> {
    if pod.node().is_none() {
        let why = pod.condition("PodScheduled").and_then(|condition| condition.message.as_deref());
        let why = why.unwrap_or("no scheduler has looked at it");
        let ended = Ended::unstarted(Cause::Unschedulable, format!("no node has room for it: {why}"));
        return HoldKind::Unschedulable.ends_as(ended);
    }
    if pod.init_runs() {
        return None;
    }
    pod.waiting().and_then(|waiting| of_waiting(&waiting)).or_else(|| starting(pod, seen))
}

fn of_waiting(waiting: &Waiting<'_>) -> Option<Hold> {
    let Waiting { container, image, reason, message } = waiting;
    let configuration =
        |detail: String| HoldKind::Configuration.ends_as(Ended::unstarted(Cause::ConfigError, detail));
    match *reason {
        "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
            let detail = format!(
                "image {image} can't be pulled: {message}; look at the image's name, its registry and the pull secrets"
            );
            HoldKind::ImagePull.ends_as(Ended::unstarted(Cause::ImagePull, detail))
        }
        "InvalidImageName" => {
            configuration(format!("{image:?} is no image's name: {message}; look at the executor's `image`"))
        }
        "ErrImageNeverPull" => configuration(format!(
            "image {image} is not on the node and must not be pulled; load it there, or change the pull policy"
        )),
        "CreateContainerConfigError" => configuration(format!(
            "container `{container}` can't be configured: {message}; look at the Secret and the key that it names"
        )),
        "CreateContainerError" | "RunContainerError" | "ImageInspectError" | "SignatureValidationFailed" => {
            configuration(format!(
                "container `{container}` can't be made from image {image}: {reason}: {message}"
            ))
        }
        _ => None,
    }
}

/// The node has the pod, and nothing is said in its status.
fn starting(pod: &PodView<'_>, seen: &Evidence<'_>) -> Option<Hold> {
    let node = pod.node().unwrap_or_default();
    let ended = match seen.event(&["FailedMount", "FailedAttachVolume"]) {
        Some(why) => Ended::unstarted(
            Cause::ConfigError,
            format!("a volume can't be mounted on node {node}: {why}; look at what it names"),
        ),
        None => {
            let why = seen.event(&["FailedCreatePodSandBox", "FailedSync", "NodeNotReady"]);
            let why = why.unwrap_or("no event that may be read here says why");
            Ended::unstarted(Cause::Unschedulable, format!("node {node} does not start it: {why}"))
        }
    };
    HoldKind::Starting.ends_as(ended)
}
