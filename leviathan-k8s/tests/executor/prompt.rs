//! How soon an outcome is known after the API server knows it.

use crate::cluster::{CREATED, Cluster, end_of, job_of, spec, until};
use leviathan_core::executor::{Executor, Phase};
use leviathan_k8s::K8sExecutor;
use leviathan_test_kube_api::{Exit, narrow};
use std::time::{Duration, Instant};

const ATTEMPTS: usize = 50;

/// One attempt after the other to its end, with others that go on meanwhile. Gives how long each end took to be known, from
/// the last thing that had to happen for it.
async fn delays(cluster: &Cluster, executor: &K8sExecutor) -> Vec<Duration> {
    for number in 0..ATTEMPTS {
        executor.launch(&spec(&format!("other-{number}"), "hang"), &CREATED).await.unwrap();
    }
    let mut delays = Vec::new();
    for number in 0..ATTEMPTS {
        let spec = spec(&number.to_string(), "held");
        executor.launch(&spec, &CREATED).await.unwrap();
        let pod = cluster.api.pod_of(&job_of(&spec));
        pod.running().logs("work\n");
        until(executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
        let known = Instant::now();
        // Which of a pod's and a Job's states says it first is the executor's to know.
        pod.container_ends(&Exit::new(0, "")).phase_follows().job_follows();
        assert_eq!(end_of(executor, &spec.attempt_id).await.exit_code, Some(0));
        delays.push(known.elapsed());
    }
    delays.sort();
    delays
}

/// Gives a sentence about them.
fn are_short(delays: &[Duration], how: &str) -> String {
    let (median, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    // A busy machine may be slow now and then.
    assert!(median < Duration::from_secs(1) && longest < Duration::from_secs(10), "{how}: {delays:?}");
    format!("{how}: an outcome was known after {median:?}, at the latest after {longest:?}")
}

#[tokio::test]
async fn with_a_watch_of_pods_it_is_within_a_second() {
    let cluster = Cluster::start();
    // Nothing but the watches can tell in time.
    let hour = Duration::from_secs(3600);
    let executor = cluster.builder().poll(hour).resync(hour).build().await.unwrap();
    println!("{}", are_short(&delays(&cluster, &executor).await, "with a watch of pods"));
    assert_eq!(cluster.api.count("list", "pods"), 1);
}

#[tokio::test]
async fn with_the_narrow_role_it_is_too_as_pods_are_listed_when_a_job_changes() {
    let cluster = Cluster::start();
    cluster.api.set_rights(&narrow());
    let hour = Duration::from_secs(3600);
    let executor = cluster.builder().poll(hour).resync(hour).build().await.unwrap();
    println!("{}", are_short(&delays(&cluster, &executor).await, "with the narrow role"));
}
