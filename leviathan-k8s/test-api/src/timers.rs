//! What happens to pods by themselves: the steps of a [`Plan`], graces and deadlines.

use crate::moves::Exit;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::world::{World, text};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A pod that is to be killed, or a Job whose time is over.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    namespace: String,
    name: String,
    uid: String,
    over: Over,
}

/// What is over then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Grace,
    Deadline,
    DeadlineOfJob,
}

/// A pod that was just made goes the way that is planned for it, as far as nothing has to be waited for.
pub(crate) fn follow(world: &mut World, namespace: &str, pod: &str, plan: Plan) {
    let Some(object) = world.get(Resource::Pods, namespace, pod) else { return };
    let uid = text(&object["metadata"]["uid"]);
    let deadline = object["spec"]["activeDeadlineSeconds"].as_u64();
    let own_grace = object["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
    match &plan {
        Plan::Held | Plan::Denied { .. } => {}
        Plan::Exits { code, message, log } => {
            world.running(namespace, pod);
            world.logs.entry(uid.clone()).or_default().text.push_str(log);
            world.container_exits(namespace, pod, &Exit::new(*code, message));
            world.phase_follows(namespace, pod);
            world.job_counts(namespace, pod);
        }
        Plan::Hangs | Plan::Deaf => {
            world.running(namespace, pod);
            if let Some(seconds) = deadline {
                let grace = if plan == Plan::Deaf { own_grace } else { 0 };
                let at = Instant::now() + Duration::from_secs(seconds.saturating_add(grace).min(1 << 30));
                world.due.push(due(at, namespace, pod, &uid, Over::Deadline));
            }
        }
        Plan::Waits { reason, message } => world.waiting(namespace, pod, reason, message),
        Plan::Unschedulable { message } => world.unschedulable(namespace, pod, message),
    }
    world.fates.insert(uid, plan);
}

/// A pod on a node was asked to stop, and does so by its plan.
pub(crate) fn asked_to_stop(world: &mut World, namespace: &str, pod: &str, grace: u64) {
    let Some(object) = world.get(Resource::Pods, namespace, pod) else { return };
    let uid = text(&object["metadata"]["uid"]);
    match world.fates.get(&uid) {
        Some(Plan::Hangs) => world.stopped(namespace, pod, &Exit::new(143, "")),
        Some(Plan::Deaf) if grace == 0 => world.stopped(namespace, pod, &Exit::new(137, "")),
        Some(Plan::Deaf) => {
            let at = Instant::now() + Duration::from_secs(grace);
            world.due.push(due(at, namespace, pod, &uid, Over::Grace));
        }
        Some(Plan::Waits { .. }) => world.drop_pod(namespace, pod),
        _ => {}
    }
}

/// Kills what is due, and says when the next one is.
pub(crate) fn kill_due(world: &mut World, now: Instant) -> Option<Instant> {
    let (due, later): (Vec<Due>, Vec<Due>) = world.due.drain(..).partition(|due| due.at <= now);
    world.due = later;
    for Due { namespace, name: pod, uid, over, .. } in due {
        if over == Over::DeadlineOfJob {
            world.job_late(&namespace, &pod, &uid);
            continue;
        }
        let object = world.get(Resource::Pods, &namespace, &pod).filter(|pod| pod["metadata"]["uid"] == uid);
        let Some(phase) = object.map(|pod| text(&pod["status"]["phase"])) else { continue };
        match (phase.as_str(), over) {
            ("Running", Over::Grace) => world.stopped(&namespace, &pod, &Exit::new(137, "")),
            ("Running", _) => world.deadline_exceeded(&namespace, &pod),
            (_, Over::Grace) => world.drop_pod(&namespace, &pod),
            _ => {}
        }
    }
    world.due.iter().map(|due| due.at).min()
}

/// The time of a Job that has one begins when it gets its pod.
pub(crate) fn job_deadline(world: &mut World, job: &Value) {
    let Some(seconds) = job["spec"]["activeDeadlineSeconds"].as_u64() else { return };
    let metadata = &job["metadata"];
    let at = Instant::now() + Duration::from_secs(seconds);
    let (namespace, name, uid) = (&metadata["namespace"], &metadata["name"], &metadata["uid"]);
    world.due.push(due(at, &text(namespace), &text(name), &text(uid), Over::DeadlineOfJob));
}

fn due(at: Instant, namespace: &str, name: &str, uid: &str, over: Over) -> Due {
    Due { at, namespace: namespace.to_owned(), name: name.to_owned(), uid: uid.to_owned(), over }
}
