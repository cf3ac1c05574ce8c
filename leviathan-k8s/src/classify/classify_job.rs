//! `classify`: the verdict.

use super::job_view::JobView;
use super::of_pending::pending;
use super::of_pod::{cancelled, end_of, taken_away};
use super::pod_view::PodView;
use super::{Ended, Evidence, HoldKind, Verdict};
use leviathan_core::executor::Cause;

/// How an attempt stands.
pub(crate) fn classify(seen: &Evidence<'_>) -> Verdict {
    let job = JobView(seen.job);
    match seen.pod {
        Some(pod) => with_pod(&job, &PodView(pod), seen),
        None => without_pod(&job, seen),
    }
}

fn with_pod(job: &JobView<'_>, pod: &PodView<'_>, seen: &Evidence<'_>) -> Verdict {
    let worker_end = pod.worker_end();
    // Nothing that comes after it makes a failure of it.
    if pod.phase() == "Succeeded" || worker_end.is_some_and(|end| end.exit_code == 0) {
        return Verdict::Ended(Ended::exit(0));
    }
    if seen.cancelled && (worker_end.is_some() || pod.phase() == "Failed") {
        return Verdict::Ended(cancelled(pod));
    }
    let so_far = |hold| if pod.worker_ran() { Verdict::Running(hold) } else { Verdict::Waiting(hold) };
    let settling = |ended: Ended| so_far(HoldKind::Settling.ends_as(ended));
    let is_final = pod.phase() == "Failed";
    // Taken away: why, is the Job's to say, unless the pod does.
    if (pod.is_deleted() || seen.pod_gone) && pod.disruption().is_none() {
        let ended = taken_away(job, pod);
        return match (is_final || seen.pod_gone, job.failure().is_some()) {
            _ if job.is_deleted() => so_far(HoldKind::Node.ends_as(ended)),
            (true, true) => Verdict::Ended(ended),
            (true, false) => settling(ended),
            (false, _) => so_far(HoldKind::Node.ends_as(ended)),
        };
    }
    if is_final {
        return Verdict::Ended(end_of(pod));
    }
    if worker_end.is_some() || pod.failed_init().is_some() {
        // Why it ended may come with the pod's phase: an eviction, a deadline.
        return settling(end_of(pod));
    }
    if seen.pod_gone {
        let ended = taken_away(job, pod);
        return if job.failure().is_some() { Verdict::Ended(ended) } else { settling(ended) };
    }
    if pod.is_deleted() || pod.node_is_silent() {
        return so_far(HoldKind::Node.ends_as(taken_away(job, pod)));
    }
    if pod.worker_runs() {
        return Verdict::Running(None);
    }
    so_far(pending(pod, seen))
}

/// Its pod was not seen, or not yet.
fn without_pod(job: &JobView<'_>, seen: &Evidence<'_>) -> Verdict {
    let settling = |ended| Verdict::Waiting(HoldKind::Settling.ends_as(ended));
    if job.is_deleted() {
        let ended = Ended::by(Cause::PodDeleted, "its Job is being deleted, and does not go");
        return Verdict::Waiting(HoldKind::Node.ends_as(ended));
    }
    if job.succeeded() {
        return settling(Ended::exit(0));
    }
    match job.failure() {
        Some("DeadlineExceeded") => return settling(deadline_of_job()),
        Some(reason) => {
            let detail = format!("its Job failed ({reason}) and its pod is gone, so that nothing says why");
            return settling(Ended::by(Cause::PodDeleted, detail));
        }
        None if job.is_suspended() || job.has_pods() => return Verdict::Waiting(None),
        None => {}
    }
    let why = seen.event(&["FailedCreate"]);
    let look_at = match why {
        Some(why) if why.contains("exceeded quota") => "look at the namespace's ResourceQuota",
        Some(why) if why.contains("PodSecurity") => {
            "look at the namespace's pod-security labels and the executor's `pod_template`"
        }
        Some(why) if why.contains("service account") || why.contains("serviceaccount") => {
            "create the service account, or change the executor's `service_account`"
        }
        Some(_) => "look at what the message names",
        None => {
            "look at the Job's events, at quotas, pod security and the service account; with the right to list events it \
             would stand here"
        }
    };
    let why = why.unwrap_or("nothing here says why");
    let ended =
        Ended::unstarted(Cause::ConfigError, format!("the cluster makes no pod for it: {why}; {look_at}"));
    Verdict::Waiting(HoldKind::NoPod.ends_as(ended))
}

pub(super) fn deadline_of_job() -> Ended {
    Ended::by(
        Cause::DeadlineExceeded,
        "its Job was active for longer than its deadline, and its pod was deleted",
    )
}

#[cfg(test)]
#[path = "classify_job/recorded.rs"]
mod recorded;
