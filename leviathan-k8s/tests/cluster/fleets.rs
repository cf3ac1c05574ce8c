//! Two control planes in one namespace.

use crate::place::Place;
use crate::waiting::{done, end_of, runs, soon};
use crate::work::{CREATED, job_of, spec};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use leviathan_core::executor::{Executor, Observation};
use leviathan_core::id::AttemptId;
use leviathan_k8s::K8sExecutor;
use std::collections::BTreeSet;
use std::time::Duration;

/// What an executor holds.
async fn held(executor: &K8sExecutor) -> BTreeSet<AttemptId> {
    let mut held = BTreeSet::new();
    soon("the watch opens", async {
        let mut watch = executor.watch();
        loop {
            match watch.next().await.expect("it lives").expect("the cluster answers") {
                Observation::Held(seen) => _ = held.insert(seen.attempt_id),
                Observation::Gone(gone) => _ = held.remove(&gone),
                Observation::Synced => return,
            }
        }
    })
    .await;
    held
}

#[tokio::test]
async fn two_fleets_in_one_namespace_leave_each_other_alone() {
    let place = Place::make().await;
    let one = place.executor().await;
    let other = place.builder().fleet("log-2").build().await.unwrap();
    let (ones, others) = (spec("ones", "hang"), spec("others", "hang"));
    done("launch", || one.launch(&ones, &CREATED)).await;
    done("launch", || other.launch(&others, &CREATED)).await;
    runs(&one, &ones.attempt_id).await;
    runs(&other, &others.attempt_id).await;
    assert_eq!(held(&one).await, BTreeSet::from([ones.attempt_id.clone()]));
    assert_eq!(held(&other).await, BTreeSet::from([others.attempt_id.clone()]));
    // To each, what the other has is unknown: asking to stop or to forget it does nothing.
    one.cancel(&others.attempt_id, Duration::from_secs(1)).await.unwrap();
    one.release(&others.attempt_id).await.unwrap();
    let short = spec("short", "succeed");
    done("launch", || one.launch(&short, &CREATED)).await;
    end_of(&one, &short.attempt_id).await;
    let job = place.api::<Job>().get(&job_of(&others)).await.unwrap();
    assert_eq!(job.metadata.deletion_timestamp, None);
    assert_eq!(held(&other).await, BTreeSet::from([others.attempt_id]));
}
