//! How a pod came to its end.

use super::Ended;
use super::classify_job::deadline_of_job;
use super::job_view::JobView;
use super::pod_view::{PodView, START_ERROR};
use leviathan_core::executor::Cause;

/// The end of a pod that failed and was not taken away, or was and says why.
pub(super) fn end_of(pod: &PodView<'_>) -> Ended {
    let exit_code = exit_code(pod);
    let by = |cause, detail: String| Ended { exit_code, ..Ended::by(cause, detail) };
    if let Some(ended) = of_disruption(pod).or_else(|| of_reason(pod)) {
        return Ended { exit_code, worker_ran: pod.worker_ran(), ..ended };
    }
    if let Some((container, end)) = pod.failed_init() {
        let (code, reason) = (end.exit_code, end.reason.as_deref().unwrap_or("Error"));
        let detail = format!("init container `{container}` failed with exit code {code} ({reason})");
        return Ended::unstarted(Cause::SetupFailed, detail);
    }
    let Some(end) = pod.worker_end() else {
        let detail = format!("its pod failed before its worker ran: {} {}", pod.reason(), pod.message());
        return Ended::unstarted(Cause::Lost, detail.trim_end());
    };
    match (end.reason.as_deref().unwrap_or_default(), end.exit_code) {
        ("OOMKilled", _) => by(
            Cause::OutOfMemory,
            "its worker used more memory than it may; look at the executor's `resources`".to_owned(),
        ),
        (START_ERROR | "ContainerCannotRun", _) => Ended::unstarted(
            Cause::ConfigError,
            format!(
                "image {} can't start its command: {}; look at the image's entrypoint",
                pod.worker_image(),
                end.message.as_deref().unwrap_or("no reason is given")
            ),
        ),
        ("Unknown", 255) => Ended::by(
            Cause::NodeLost,
            format!("its node {} went down and came back, and its worker with it", pod.node().unwrap_or("")),
        ),
        ("ContainerStatusUnknown", _) => {
            Ended::by(Cause::NodeLost, "its node lost track of its worker, and does not know how it ended")
        }
        (_, code) => Ended::exit(code),
    }
}

/// The end of a pod that is being taken away, or is gone.
pub(super) fn taken_away(job: &JobView<'_>, pod: &PodView<'_>) -> Ended {
    let ended = of_disruption(pod).unwrap_or_else(|| match job.failure() {
        Some("DeadlineExceeded") => deadline_of_job(),
        _ if job.is_deleted() => Ended::by(Cause::PodDeleted, "its Job was deleted before it ended"),
        _ if pod.node_is_silent() => node_lost(pod),
        _ => Ended::by(Cause::PodDeleted, "somebody deleted its pod before it ended"),
    });
    Ended { exit_code: exit_code(pod), worker_ran: pod.worker_ran(), ..ended }
}

/// The end of a pod that was told to stop. Its log may be there only for as long as it is itself.
pub(super) fn cancelled(pod: &PodView<'_>) -> Ended {
    let ended = Ended::by(Cause::Cancelled, "it was cancelled, and stopped");
    Ended { exit_code: exit_code(pod), worker_ran: pod.worker_ran(), ..ended }
}

fn node_lost(pod: &PodView<'_>) -> Ended {
    let node = pod.node().unwrap_or("its node");
    Ended::by(Cause::NodeLost, format!("node {node} stopped answering while its worker ran there"))
}

/// By whoever asked for the pod to go.
fn of_disruption(pod: &PodView<'_>) -> Option<Ended> {
    let (reason, message) = pod.disruption()?;
    let said = |what: &str| format!("{what}: {message}");
    Some(match reason {
        "DeletionByTaintManager" => {
            Ended::by(Cause::NodeLost, said("its node stopped answering or was tainted"))
        }
        "DeletionByPodGC" => Ended::by(Cause::NodeLost, said("its node is gone")),
        "PreemptionByScheduler" => {
            Ended::by(Cause::Preempted, said("a pod of higher priority took its place"))
        }
        "TerminationByKubelet" if pod.reason() == "Preempting" => {
            Ended::by(Cause::Preempted, said("a critical pod took its place"))
        }
        _ => Ended::by(Cause::Evicted, said("it was evicted")),
    })
}

/// By what the node says of the pod.
fn of_reason(pod: &PodView<'_>) -> Option<Ended> {
    let message = pod.message();
    Some(match pod.reason() {
        "DeadlineExceeded" => {
            Ended::by(Cause::DeadlineExceeded, "it went on beyond its deadline, and was stopped")
        }
        "Evicted" => Ended::by(Cause::Evicted, format!("its node evicted it: {message}")),
        "Preempting" => Ended::by(Cause::Preempted, format!("a critical pod took its place: {message}")),
        "NodeLost" => Ended::by(Cause::NodeLost, format!("its node is gone: {message}")),
        "Shutdown" | "NodeShutdown" | "Terminated" => {
            Ended::by(Cause::Evicted, format!("its node shuts down: {message}"))
        }
        reason if reason.starts_with("OutOf") || is_admission(reason) => {
            Ended::unstarted(Cause::Unschedulable, format!("its node did not take it: {reason}: {message}"))
        }
        _ => return None,
    })
}

fn is_admission(reason: &str) -> bool {
    matches!(reason, "NodeAffinity" | "NodePorts" | "UnexpectedAdmissionError" | "TopologyAffinityError")
}

/// The worker's exit code, where a process had one.
fn exit_code(pod: &PodView<'_>) -> Option<i32> {
    let end = pod.worker_end()?;
    let known = !matches!(end.reason.as_deref(), Some("ContainerStatusUnknown" | START_ERROR));
    known.then_some(end.exit_code)
}
