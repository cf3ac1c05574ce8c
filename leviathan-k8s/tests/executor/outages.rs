//! An API server that fails, delays, forgets and hangs up.

use crate::cluster::{CREATED, Cluster, done, end_of, job_of, spec, until};
use leviathan_core::executor::{Executor, Phase};
use leviathan_test_kube_api::{Break, Failing, Resource};
use std::time::Duration;

/// One attempt to its end, whatever goes wrong meanwhile.
async fn works(cluster: &Cluster, executor: &leviathan_k8s::K8sExecutor, name: &str) {
    let spec = spec(name, "succeed");
    done(|| executor.launch(&spec, &CREATED)).await;
    let end = end_of(executor, &spec.attempt_id).await;
    assert_eq!((end.exit_code, end.artifacts.len()), (Some(0), 1), "{name}: {end:?}");
    done(|| executor.release(&spec.attempt_id)).await;
    assert_eq!(cluster.starts(&spec.attempt_id), 1, "{name}");
}

#[tokio::test]
async fn each_request_may_fail_in_each_way() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let ways = [
        Failing::Status(500),
        Failing::Status(503),
        Failing::TooMany(Duration::from_secs(1)),
        Failing::HangUp,
        Failing::HangUpAfter,
        Failing::StatusAfter(504),
    ];
    for (verb, resource) in [("create", "jobs"), ("delete", "jobs"), ("get", "pods/log")] {
        for (number, how) in ways.into_iter().enumerate() {
            cluster.api.fail(1, verb, resource, how);
            works(&cluster, &executor, &format!("{verb}-{number}")).await;
        }
    }
}

#[tokio::test]
async fn watches_may_end_break_and_expire_at_any_time() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    works(&cluster, &executor, "first").await;
    for (number, how) in [Break::Clean, Break::MidLine, Break::Expired].into_iter().enumerate() {
        for resource in [Resource::Jobs, Resource::Pods] {
            let spec = spec(&format!("runs-{number}-{}", resource.plural()), "hang");
            executor.launch(&spec, &CREATED).await.unwrap();
            cluster.api.break_watches(resource, how);
            works(&cluster, &executor, &format!("{number}-{}", resource.plural())).await;
            executor.cancel(&spec.attempt_id, Duration::from_secs(1)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_executor_that_is_opened_while_nothing_can_be_listed_says_so_and_comes_up_later() {
    use futures::StreamExt;
    let cluster = Cluster::start();
    cluster.api.fail(3, "list", "jobs", Failing::Status(500));
    let executor = cluster.executor().await;
    let error = executor.watch().next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("did not list jobs: 500"), "{error}");
    works(&cluster, &executor, "later").await;
}

#[tokio::test]
async fn what_watches_lose_or_say_twice_is_made_up_for() {
    let cluster = Cluster::start();
    let executor = cluster.builder().resync(Duration::from_millis(300)).build().await.unwrap();
    for (number, resource) in [Resource::Jobs, Resource::Pods].into_iter().enumerate() {
        cluster.api.repeat_changes(resource, 5);
        works(&cluster, &executor, &format!("twice-{number}")).await;
        cluster.api.lose_changes(resource, 100);
        works(&cluster, &executor, &format!("lost-{number}")).await;
        cluster.api.repeat_changes(resource, 0);
        cluster.api.forget_history();
        works(&cluster, &executor, &format!("old-{number}")).await;
    }
}

#[tokio::test]
async fn an_api_server_that_goes_down_and_comes_up_again_loses_nothing() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let running = spec("runs", "held");
    executor.launch(&running, &CREATED).await.unwrap();
    let pod = cluster.api.pod_of(&job_of(&running));
    pod.running();
    until(&executor, &running.attempt_id, |phase| *phase == Phase::Running).await;
    cluster.api.go_down();
    // Whether this still gets through is open.
    let _ = executor.launch(&spec("other", "succeed"), &CREATED).await;
    // Nobody who can tell sees it end.
    pod.logs("done\n").exits(0, "");
    cluster.api.come_up();
    let end = end_of(&executor, &running.attempt_id).await;
    assert_eq!((end.exit_code, end.artifacts.len()), (Some(0), 1));
    works(&cluster, &executor, "other").await;
}
