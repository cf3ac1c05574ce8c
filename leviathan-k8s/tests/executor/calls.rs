//! What attempts cost the API server.

use crate::cluster::{CREATED, Cluster, done, end_of, gone, spec};
use crate::secrets::Marked;
use leviathan_core::executor::Executor;
use std::collections::BTreeMap;
use std::sync::Arc;

#[tokio::test]
async fn an_attempt_costs_a_job_a_secret_a_log_and_a_deletion_and_all_share_two_watches() {
    const ATTEMPTS: usize = 20;
    let cluster = Cluster::start();
    let executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
    for number in 0..ATTEMPTS {
        let spec = spec(&number.to_string(), "succeed");
        executor.launch(&spec, &CREATED).await.unwrap();
        let end = end_of(&executor, &spec.attempt_id).await;
        assert_eq!(end.exit_code, Some(0));
        executor.release(&spec.attempt_id).await.unwrap();
        gone(&executor, &spec.attempt_id).await;
    }
    let mut calls = BTreeMap::<(&str, String), usize>::new();
    for call in cluster.api.calls() {
        *calls.entry((call.verb, call.resource)).or_default() += 1;
    }
    println!("{ATTEMPTS} attempts that succeeded: {calls:?}");
    let calls: Vec<_> =
        calls.iter().map(|((verb, resource), count)| (*verb, resource.as_str(), *count)).collect();
    // No list and no request for a pod is among them: what became of each was known by the watches alone.
    assert_eq!(
        calls,
        [
            ("create", "jobs", ATTEMPTS),
            // One of them asks whether that is allowed.
            ("create", "secrets", ATTEMPTS + 1),
            ("delete", "jobs", ATTEMPTS),
            ("get", "pods/log", ATTEMPTS),
            ("list", "jobs", 1),
            ("list", "pods", 1),
            ("watch", "jobs", 1),
            ("watch", "pods", 1),
        ]
    );
    assert_eq!(cluster.api.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn many_watches_and_a_hundred_attempts_at_once_are_still_two_watches() {
    let cluster = Cluster::start();
    let executor = cluster.executor().await;
    let watches: Vec<_> = (0..10).map(|_| executor.watch()).collect();
    let specs: Vec<_> = (0..100).map(|number| spec(&number.to_string(), "succeed")).collect();
    let launched = specs.iter().map(|spec| executor.launch(spec, &CREATED));
    futures::future::try_join_all(launched).await.unwrap();
    for spec in &specs {
        assert_eq!(end_of(&executor, &spec.attempt_id).await.exit_code, Some(0));
        done(|| executor.release(&spec.attempt_id)).await;
    }
    drop(watches);
    let logs = cluster.api.count("get", "pods/log");
    assert_eq!((cluster.api.count("watch", "jobs"), cluster.api.count("watch", "pods"), logs), (1, 1, 100));
}
