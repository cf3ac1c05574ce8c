//! Logs are read while their workers run.

use crate::cluster::{CREATED, Cluster, end_of, gone, job_of, spec};
use leviathan_core::executor::{AttemptSpec, Cause, End, Executor};
use leviathan_k8s::{K8sExecutor, Patience};
use leviathan_test_kube_api::FakePod;
use std::time::Duration;

/// An attempt whose worker runs and whose log is followed.
async fn followed<'a>(cluster: &'a Cluster, executor: &K8sExecutor) -> (AttemptSpec, FakePod<'a>) {
    let spec = spec("1", "held");
    executor.launch(&spec, &CREATED).await.unwrap();
    let pod = cluster.api.pod_of(&job_of(&spec));
    pod.running().logs("one\n");
    cluster.followed(1).await;
    (spec, pod)
}

async fn whole(cluster: &Cluster, executor: &K8sExecutor, spec: &AttemptSpec) -> End {
    let end = end_of(executor, &spec.attempt_id).await;
    assert_eq!((end.exit_code, end.detail.as_deref()), (Some(0), None));
    assert_eq!(cluster.log_of(&end).await, "one\ntwo\nthree\n");
    end
}

fn asked(cluster: &Cluster) -> usize {
    cluster.api.count("get", "pods/log")
}

#[tokio::test]
async fn what_a_worker_writes_while_it_runs_costs_one_request() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let (spec, pod) = followed(&cluster, &executor).await;
    pod.logs("two\n");
    tokio::task::yield_now().await;
    pod.logs("three\n").exits(0, "");
    whole(&cluster, &executor, &spec).await;
    assert_eq!((asked(&cluster), cluster.api.open_follows()), (1, 0));
}

#[tokio::test]
async fn a_hundred_at_once_are_all_followed_and_cost_one_request_each() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let specs: Vec<_> = (0..100).map(|number| spec(&number.to_string(), "held")).collect();
    let launched = specs.iter().map(|spec| executor.launch(spec, &CREATED));
    futures::future::try_join_all(launched).await.unwrap();
    for spec in &specs {
        cluster.api.pod_of(&job_of(spec)).running().logs("one\n");
    }
    cluster.followed(100).await;
    for spec in &specs {
        cluster.api.pod_of(&job_of(spec)).logs("two\nthree\n").exits(0, "");
    }
    for spec in &specs {
        whole(&cluster, &executor, spec).await;
    }
    assert_eq!(asked(&cluster), 100);
}

#[tokio::test]
async fn a_long_log_keeps_its_ends() {
    let cluster = Cluster::start();
    let executor = cluster.builder().log_limit(20).build().await.unwrap();
    let (spec, pod) = followed(&cluster, &executor).await;
    for _ in 0..100 {
        pod.logs("0123456789\n");
        tokio::task::yield_now().await;
    }
    pod.exits(0, "");
    let end = end_of(&executor, &spec.attempt_id).await;
    assert_eq!(end.detail.as_deref(), Some("log.truncated: 1084 bytes left out"));
    assert_eq!(cluster.log_of(&end).await, "one\n012345\n[… 1084 bytes left out …]\n123456789\n");
}

#[tokio::test]
async fn an_api_server_that_goes_down_in_the_middle_loses_nothing() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let (spec, pod) = followed(&cluster, &executor).await;
    cluster.api.go_down();
    cluster.followed(0).await;
    pod.logs("two\n");
    cluster.api.come_up();
    cluster.followed(1).await;
    pod.logs("three\n").exits(0, "");
    whole(&cluster, &executor, &spec).await;
}

#[tokio::test]
async fn a_stream_that_is_cut_is_read_again_also_after_the_workers_end() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let (spec, pod) = followed(&cluster, &executor).await;
    for text in ["two\n", "three\n"] {
        let before = asked(&cluster);
        pod.cuts_logs();
        cluster.api.until("another request", |_| (asked(&cluster) > before).then_some(())).await;
        cluster.followed(1).await;
        pod.logs(text);
    }
    pod.cuts_logs().exits(0, "");
    whole(&cluster, &executor, &spec).await;
}

#[tokio::test]
async fn a_log_that_ends_before_its_worker_is_followed_again() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let (spec, pod) = followed(&cluster, &executor).await;
    pod.ends_logs();
    cluster.followed(0).await;
    pod.logs("two\n");
    cluster.followed(1).await;
    pod.logs("three\n").exits(0, "");
    whole(&cluster, &executor, &spec).await;
    assert_eq!(asked(&cluster), 2);
}

#[tokio::test]
async fn the_next_host_reads_from_the_beginning() {
    let cluster = Cluster::start();
    let first = cluster.executor().await;
    let (spec, pod) = followed(&cluster, &first).await;
    drop(first);
    cluster.followed(0).await;
    pod.logs("two\n");
    let next = cluster.executor().await;
    cluster.followed(1).await;
    pod.logs("three\n").exits(0, "");
    whole(&cluster, &next, &spec).await;
}

#[tokio::test]
async fn a_log_that_came_to_its_end_may_be_cut_where_that_of_its_worker_was_not_seen() {
    let cluster = Cluster::start();
    let patience = Patience { settling: Duration::ZERO, ..Patience::default() };
    let executor = cluster.builder().patience(patience).build().await.unwrap();
    let (spec, pod) = followed(&cluster, &executor).await;
    pod.vanishes();
    let end = end_of(&executor, &spec.attempt_id).await;
    assert_eq!((cluster.log_of(&end).await.as_str(), asked(&cluster)), ("one\n", 1));
    let detail = end.detail.unwrap();
    assert!(detail.contains("log.truncated") && detail.contains("its pod is gone"), "{detail}");
}

#[tokio::test]
async fn nothing_is_followed_of_an_attempt_that_is_no_more() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let (spec, _) = followed(&cluster, &executor).await;
    // Its pod goes on for its grace.
    cluster.api.delete_job(&job_of(&spec));
    gone(&executor, &spec.attempt_id).await;
    cluster.followed(0).await;
}

#[tokio::test]
async fn a_log_that_has_no_room_to_be_followed_is_read_after_its_end() {
    let cluster = Cluster::start();
    // Room for one.
    let executor = cluster.builder().log_limit(200 << 20).build().await.unwrap();
    let (first, pod) = followed(&cluster, &executor).await;
    let second = spec("2", "held");
    executor.launch(&second, &CREATED).await.unwrap();
    cluster.api.pod_of(&job_of(&second)).running().logs("one\ntwo\nthree\n").exits(0, "");
    whole(&cluster, &executor, &second).await;
    let calls = cluster.api.calls().into_iter().filter(|call| call.resource == "pods/log");
    let follows: Vec<bool> = calls.map(|call| call.uri.contains("follow=true")).collect();
    assert_eq!(follows, [true, false]);
    pod.logs("two\nthree\n").exits(0, "");
    whole(&cluster, &executor, &first).await;
}

#[tokio::test]
async fn a_log_that_does_not_come_to_its_end_holds_up_no_other() {
    let cluster = Cluster::start();
    let patience = Patience { node: Duration::ZERO, ..Patience::default() };
    let builder = cluster.builder().patience(patience).call_timeout(Duration::from_secs(600));
    let executor = builder.build().await.unwrap();
    let (silent, pod) = followed(&cluster, &executor).await;
    pod.node_lost();
    for number in 2..20 {
        let other = spec(&number.to_string(), "succeed");
        executor.launch(&other, &CREATED).await.unwrap();
        assert_eq!(end_of(&executor, &other.attempt_id).await.exit_code, Some(0));
    }
    pod.ends_logs();
    let end = end_of(&executor, &silent.attempt_id).await;
    assert_eq!(cluster.log_of(&end).await, "one\n");
    assert_eq!(end.cause, Some(Cause::NodeLost));
}
