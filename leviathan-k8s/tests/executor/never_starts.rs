//! Attempts that a cluster would keep waiting for ever.

use crate::cluster::{CREATED, Cluster, done, end_of, spec};
use leviathan_core::executor::{Cause, Executor};
use leviathan_k8s::Patience;
use std::time::Duration;

/// The shortest that can be told from none.
const SHORT: Duration = Duration::from_millis(20);

fn impatient() -> Patience {
    Patience {
        no_pod: SHORT,
        unschedulable: SHORT,
        image_pull: SHORT,
        configuration: SHORT,
        starting: SHORT,
        node: SHORT,
        settling: SHORT,
    }
}

#[tokio::test]
async fn each_is_ended_after_its_time_with_its_cause_and_what_to_look_at_and_its_job_goes() {
    let cluster = Cluster::start();
    let executor = cluster.builder().patience(impatient()).build().await.unwrap();
    for (work, cause, words) in [
        ("no-image", Cause::ImagePull, ["leviathan-worker:local", "pull secrets"]),
        ("no-key", Cause::ConfigError, ["github-token", "the Secret and the key"]),
        ("no-node", Cause::Unschedulable, ["Insufficient cpu", "no node has room"]),
        ("no-quota", Cause::ConfigError, ["exceeded quota: no-pods", "ResourceQuota"]),
    ] {
        let spec = spec(work, work);
        executor.launch(&spec, &CREATED).await.unwrap();
        let end = end_of(&executor, &spec.attempt_id).await;
        assert_eq!((end.cause, end.exit_code, end.artifacts.len()), (Some(cause), None, 0), "{work}");
        let detail = end.detail.unwrap();
        assert!(words.iter().all(|word| detail.contains(word)), "{work}: {detail}");
        done(|| executor.release(&spec.attempt_id)).await;
    }
    assert_eq!((cluster.api.count("delete", "jobs"), cluster.api.count("get", "pods/log")), (4, 0));
}

#[tokio::test]
async fn one_that_waits_for_less_than_its_time_is_let_be() {
    let cluster = Cluster::start();
    let patience = Patience { image_pull: Duration::from_secs(3600), ..impatient() };
    let executor = cluster.builder().patience(patience).build().await.unwrap();
    let (waits, ends) = (spec("waits", "no-image"), spec("ends", "no-node"));
    executor.launch(&waits, &CREATED).await.unwrap();
    executor.launch(&ends, &CREATED).await.unwrap();
    end_of(&executor, &ends.attempt_id).await;
    let refused = executor.release(&waits.attempt_id).await.unwrap_err();
    assert!(refused.to_string().contains("has not finished"), "{refused}");
}
