//! A hundred attempts at once.

use crate::place::Place;
use crate::waiting::{at_last, done, end_within};
use crate::work::{CREATED, spec};
use futures::future::join_all;
use k8s_openapi::api::batch::v1::Job;
use kube::api::ListParams;
use leviathan_core::executor::Executor;
use leviathan_k8s::Patience;
use std::collections::BTreeSet;
use std::time::Duration;

/// One small node runs them a few at a time.
const ALL: Duration = Duration::from_secs(1800);

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_attempts_at_once_each_run_once_and_each_have_their_own_end_and_log() {
    let place = Place::alone().await;
    let patience = Patience { unschedulable: ALL, ..Patience::default() };
    let executor = place.builder().patience(patience).build().await.unwrap();
    let specs: Vec<_> = (0..100).map(|one| spec(&format!("many-{one}"), "succeed")).collect();
    join_all(specs.iter().map(|spec| done("launch", || executor.launch(spec, &CREATED)))).await;
    let ends = join_all(specs.iter().map(|spec| end_within(ALL, &executor, &spec.attempt_id))).await;
    let mut logs = BTreeSet::new();
    for (spec, end) in specs.iter().zip(&ends) {
        assert_eq!((end.exit_code, &end.cause), (Some(0), &None), "{end:?}");
        assert_eq!(end.final_message.as_ref().map(|said| &said.attempt_id), Some(&spec.attempt_id));
        logs.extend(end.artifacts.iter().map(|log| log.sha256));
        let pods = at_last("its pod is counted", async || {
            Some(place.starts.of(&spec.attempt_id)).filter(|pods| *pods > 0)
        });
        assert_eq!(pods.await, 1, "{}", spec.attempt_id);
    }
    assert_eq!(logs.len(), 100, "a log for each");
    join_all(specs.iter().map(|spec| done("release", || executor.release(&spec.attempt_id)))).await;
    at_last("all Jobs are gone", async || {
        let left = place.api::<Job>().list(&ListParams::default()).await.unwrap();
        left.items.is_empty().then_some(())
    })
    .await;
}
