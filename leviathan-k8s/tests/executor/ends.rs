//! How attempts end that did not end by themselves, and what becomes of their logs.

use crate::cluster::{CREATED, Cluster, end_of, gone, job_of, spec, until};
use leviathan_core::executor::{Cause, End, Executor, ExecutorErrorKind, Phase};
use leviathan_k8s::Patience;
use leviathan_test_kube_api::{Exit, FakePod, LogAnswer, Resource};
use serde_json::json;
use std::time::Duration;

type Happening = Box<dyn Fn(&FakePod<'_>)>;

/// An attempt whose worker runs, and then this happens.
async fn ended_by(patience: Patience, happens: impl Fn(&FakePod<'_>)) -> End {
    let cluster = Cluster::start();
    // A node that is away says nothing more of a log that is followed.
    let builder = cluster.builder().patience(patience).call_timeout(Duration::from_secs(2));
    let executor = builder.build().await.unwrap();
    let spec = spec("1", "held");
    executor.launch(&spec, &CREATED).await.unwrap();
    let pod = cluster.api.pod_of(&job_of(&spec));
    pod.running().logs("half of the work\n");
    until(&executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
    cluster.followed(1).await;
    happens(&pod);
    let end = end_of(&executor, &spec.attempt_id).await;
    assert_eq!(cluster.log_of(&end).await, "half of the work\n");
    end
}

#[tokio::test]
async fn each_end_has_its_cause_and_the_log_as_far_as_it_was_followed() {
    let oom = Exit { reason: "OOMKilled".to_owned(), ..Exit::new(137, "") };
    let lost = "unable to retrieve container logs for containerd://12ab";
    let evict = |pod: &FakePod<'_>| {
        pod.evicted("The node was low on resource: ephemeral-storage.", &Exit::new(137, ""));
    };
    let happenings: Vec<(Cause, &str, Happening)> = vec![
        (Cause::OutOfMemory, "", Box::new(move |pod| _ = pod.ends(&oom))),
        (Cause::DeadlineExceeded, "", Box::new(|pod| _ = pod.exceeds_deadline())),
        (
            Cause::Evicted,
            "",
            Box::new(move |pod| {
                pod.answers_logs_with(Some(LogAnswer::Lost(lost.to_owned())));
                evict(pod);
            }),
        ),
        (
            Cause::Evicted,
            "its node has it no more",
            Box::new(move |pod| {
                pod.answers_logs_with(Some(LogAnswer::Lost(lost.to_owned()))).cuts_logs();
                evict(pod);
            }),
        ),
        (
            Cause::Evicted,
            "is terminated",
            Box::new(move |pod| {
                pod.answers_logs_with(Some(LogAnswer::Terminated)).cuts_logs();
                evict(pod);
            }),
        ),
        (
            Cause::PodDeleted,
            "",
            Box::new(|pod| {
                pod.deleted();
                pod.stops(143);
            }),
        ),
        (Cause::PodDeleted, "its pod is gone", Box::new(|pod| pod.vanishes())),
        (
            Cause::Preempted,
            "",
            Box::new(|pod| {
                pod.preempted();
                pod.stops(143);
            }),
        ),
    ];
    for (cause, says, happens) in happenings {
        let end = ended_by(Patience::default(), happens).await;
        assert_eq!(end.cause.as_ref(), Some(&cause), "{end:?}");
        let detail = end.detail.clone().unwrap_or_default();
        assert!(detail.contains(says), "{cause}: {detail}");
        assert_eq!(detail.contains("log.truncated"), !says.is_empty(), "{cause}: {detail}");
    }
}

#[tokio::test]
async fn a_log_that_was_never_to_be_had_is_lost_and_that_is_said() {
    let lost = LogAnswer::Lost("unable to retrieve container logs for containerd://12ab".to_owned());
    for (answer, says) in
        [(lost, "log.missing: its node has it no more"), (LogAnswer::Terminated, "is terminated")]
    {
        let cluster = Cluster::start();
        let executor = cluster.executor().await;
        let spec = spec("1", "held");
        executor.launch(&spec, &CREATED).await.unwrap();
        let pod = cluster.api.pod_of(&job_of(&spec));
        pod.answers_logs_with(Some(answer)).running().logs("work\n");
        pod.evicted("The node was low on resource: ephemeral-storage.", &Exit::new(137, ""));
        let end = end_of(&executor, &spec.attempt_id).await;
        let detail = end.detail.unwrap();
        assert!(end.artifacts.is_empty() && detail.contains(says), "{detail}");
    }
}

#[tokio::test]
async fn a_node_that_stays_silent_is_given_up_by_a_bound_of_our_own() {
    let patience = Patience { node: Duration::from_millis(50), ..Patience::default() };
    let end = ended_by(patience, |pod| {
        pod.node_lost();
        // The pod's end would only come with the node.
        pod.answers_logs_with(Some(LogAnswer::Terminated));
    })
    .await;
    assert_eq!((end.cause, end.exit_code), (Some(Cause::NodeLost), None));
}

#[tokio::test]
async fn a_job_that_is_deleted_behind_our_back_is_gone_and_can_be_launched_again() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let spec = spec("1", "hang");
    executor.launch(&spec, &CREATED).await.unwrap();
    until(&executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
    cluster.api.delete_job(&job_of(&spec));
    gone(&executor, &spec.attempt_id).await;
    executor.launch(&spec, &CREATED).await.unwrap();
    until(&executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
}

#[tokio::test]
async fn a_job_of_somebody_else_in_our_place_is_a_conflict() {
    let cluster = Cluster::start();
    let other = cluster.builder().fleet("log-2").build().await.unwrap();
    let executor = cluster.executor().await;
    let spec = spec("1", "hang");
    other.launch(&spec, &CREATED).await.unwrap();
    let refused = executor.launch(&spec, &CREATED).await.unwrap_err();
    assert_eq!(refused.kind(), ExecutorErrorKind::Conflict);
    assert!(refused.to_string().contains("not of this fleet"), "{refused}");
    // And neither sees what the other holds.
    let own = crate::cluster::spec("2", "succeed");
    executor.launch(&own, &CREATED).await.unwrap();
    end_of(&executor, &own.attempt_id).await;
    executor.cancel(&spec.attempt_id, Duration::from_secs(1)).await.unwrap();
    executor.release(&spec.attempt_id).await.unwrap();
    assert!(cluster.api.job(&job_of(&spec)).is_some_and(|job| job.metadata.deletion_timestamp.is_none()));
}

#[tokio::test]
async fn a_job_that_is_being_deleted_is_waited_for_and_not_hammered() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let spec = spec("1", "deaf");
    executor.launch(&spec, &CREATED).await.unwrap();
    until(&executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
    executor.cancel(&spec.attempt_id, Duration::from_secs(1)).await.unwrap();
    // The deaf worker takes its whole grace.
    executor.launch(&spec, &CREATED).await.unwrap();
    assert_eq!((cluster.api.count("create", "jobs"), cluster.api.count("get", "jobs")), (3, 1));
}

#[tokio::test]
async fn one_strange_object_hides_no_other() {
    let cluster = Cluster::start();
    let metadata =
        |name: &str| json!({"name": name, "namespace": "leviathan", "labels": {"leviathan/fleet": "log-1"}});
    for name in ["strange-a", "leviathan-attempt-z"] {
        let job = json!({"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata(name),
                         "spec": {"template": "none"}, "status": {"active": "many"}});
        cluster.api.put(Resource::Jobs, job);
        let pod = json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata(name), "spec": 7});
        cluster.api.put(Resource::Pods, pod);
    }
    let executor = cluster.executor().await;
    for name in ["1", "2"] {
        let spec = spec(name, "succeed");
        executor.launch(&spec, &CREATED).await.unwrap();
        assert_eq!(end_of(&executor, &spec.attempt_id).await.exit_code, Some(0));
        let job = json!({"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata(&format!("late-{name}")),
                         "spec": []});
        cluster.api.put(Resource::Jobs, job);
    }
    assert_eq!((cluster.api.count("list", "jobs"), cluster.api.count("watch", "jobs")), (1, 1));
}

#[tokio::test]
async fn two_hosts_of_one_fleet_see_the_same_and_do_not_hinder_each_other() {
    let cluster = Cluster::start();
    let (one, other) = (cluster.executor().await, cluster.executor().await);
    let spec = spec("1", "succeed");
    let (first, second) = futures::join!(one.launch(&spec, &CREATED), other.launch(&spec, &CREATED));
    first.unwrap();
    second.unwrap();
    assert_eq!(end_of(&one, &spec.attempt_id).await, end_of(&other, &spec.attempt_id).await);
    one.release(&spec.attempt_id).await.unwrap();
    other.release(&spec.attempt_id).await.unwrap();
    assert!(cluster.api.jobs().is_empty());
}
