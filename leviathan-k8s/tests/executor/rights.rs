//! What is done with fewer rights.

use crate::cluster::{CREATED, Cluster, end_of, soon, spec, until};
use crate::output::Output;
use crate::secrets::Marked;
use leviathan_core::executor::{Cause, Executor, ExecutorErrorKind, Phase};
use leviathan_k8s::{K8sExecutor, Patience};
use leviathan_test_kube_api::{Call, narrow, wide};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn what_the_role_lacks_is_said_once_and_lived_without() {
    let output = Output::capture();
    let cluster = Cluster::start();
    cluster.api.set_rights(&narrow());
    let patience = Patience { no_pod: Duration::from_millis(50), ..Patience::default() };
    let builder = cluster.builder().tokens(Arc::new(Marked)).patience(patience);
    let executor = builder.build().await.unwrap();
    for round in 0..3 {
        let ends = spec(&format!("ends-{round}"), "succeed");
        executor.launch(&ends, &CREATED).await.unwrap();
        assert_eq!(end_of(&executor, &ends.attempt_id).await.exit_code, Some(0));
        let denied = spec(&format!("denied-{round}"), "no-quota");
        executor.launch(&denied, &CREATED).await.unwrap();
        assert_eq!(end_of(&executor, &denied.attempt_id).await.cause, Some(Cause::ConfigError));
        let hangs = spec(&format!("hangs-{round}"), "hang");
        executor.launch(&hangs, &CREATED).await.unwrap();
        until(&executor, &hangs.attempt_id, |phase| *phase == Phase::Running).await;
        executor.cancel(&hangs.attempt_id, Duration::from_secs(600)).await.unwrap();
        soon(async {
            while executor.release(&hangs.attempt_id).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    let refused = |verb, resource| {
        let calls = cluster.api.calls();
        let refused =
            |call: &&Call| call.verb == verb && call.resource == resource && call.status == Some(403);
        calls.iter().filter(refused).count()
    };
    for (verb, resource, says) in [
        ("watch", "pods", "pods are listed when a Job changes"),
        ("create", "secrets", "workers get the configured key"),
        ("list", "events", "what events say"),
        ("delete", "pods", "the grace of their pod's template"),
    ] {
        assert_eq!((refused(verb, resource), output.warnings(says)), (1, 1), "{verb} {resource}");
    }
    let jobs =
        cluster.api.calls().into_iter().filter(|call| call.verb == "create" && call.resource == "jobs");
    for job in jobs {
        assert!(job.body.contains("leviathan-secrets") && job.body.contains("worker-token"));
    }
}

#[tokio::test]
async fn workers_share_an_operators_token_only_where_no_other_is_named_and_that_is_warned_about() {
    let output = Output::capture();
    let cluster = Cluster::start();
    cluster.api.set_rights(&narrow());
    let told_nothing = || {
        K8sExecutor::builder()
            .client(cluster.api.client())
            .fleet("log-1")
            .control_plane_url("http://leviathan-api:8000")
            .artifacts(cluster.artifacts.clone())
            .tokens(Arc::new(Marked))
    };
    let keys = ["control-plane-token", "worker-token"];
    let builders = [told_nothing(), told_nothing().control_plane_token_key(keys[1])];
    for (key, builder) in keys.into_iter().zip(builders) {
        let executor = builder.build().await.unwrap();
        let spec = spec(key, "succeed");
        executor.launch(&spec, &CREATED).await.unwrap();
        let calls = cluster.api.calls();
        let job = calls.iter().rfind(|call| call.verb == "create" && call.resource == "jobs").unwrap();
        assert!(job.body.contains(&format!("\"key\":\"{key}\"")), "{}", job.body);
        assert_eq!(output.warnings("get an operator's"), 1, "{key}");
    }
}

#[tokio::test]
async fn a_right_to_make_secrets_that_is_taken_away_costs_one_job_and_nothing_runs_twice() {
    let cluster = Cluster::start();
    let executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
    let first = spec("first", "succeed");
    executor.launch(&first, &CREATED).await.unwrap();
    end_of(&executor, &first.attempt_id).await;
    // Of all rights the last one is to make Secrets.
    let mut less = wide();
    less.pop();
    cluster.api.set_rights(&less);
    let spec = spec("second", "succeed");
    let refused = executor.launch(&spec, &CREATED).await.unwrap_err();
    assert_eq!(refused.kind(), ExecutorErrorKind::Unavailable);
    executor.launch(&spec, &CREATED).await.unwrap();
    assert_eq!(end_of(&executor, &spec.attempt_id).await.exit_code, Some(0));
}
