//! Requests that the API server refuses.

use crate::place::{Place, named};
use crate::waiting::{done, end_of, runs, soon};
use crate::work::{CREATED, job_of, pod_template, spec};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Client;
use kube::api::{DeleteParams, PostParams};
use leviathan_core::executor::{Executor, ExecutorError, ExecutorErrorKind};
use leviathan_core::id::{AttemptId, TaskId};
use serde_json::json;

#[tokio::test]
pub(super) async fn create_conflict() {
    let place = Place::make().await;
    let executor = place.executor().await;
    let other = place.builder().fleet("log-2").build().await.unwrap();
    let taken = spec("taken", "hang");
    done("launch", || other.launch(&taken, &CREATED)).await;
    let refused = executor.launch(&taken, &CREATED).await.unwrap_err();
    assert_eq!(refused.kind(), ExecutorErrorKind::Conflict, "{refused}");
    assert!(refused.to_string().contains("not of this fleet"), "{refused}");
    // One that is being deleted is waited for: the deaf worker takes its whole grace.
    let slow = || place.builder().termination_grace_seconds(3);
    let (leaving, jobs) = (spec("leaving", "deaf"), place.api::<Job>());
    let before = slow().build().await.unwrap();
    done("launch", || before.launch(&leaving, &CREATED)).await;
    runs(&before, &leaving.attempt_id).await;
    let old = jobs.get(&job_of(&leaving)).await.unwrap();
    jobs.delete(&job_of(&leaving), &DeleteParams::foreground()).await.unwrap();
    drop(before);
    let after = slow().build().await.unwrap();
    done("launch", || after.launch(&leaving, &CREATED)).await;
    let new = jobs.get(&job_of(&leaving)).await.unwrap();
    assert!(new.metadata.uid != old.metadata.uid && new.metadata.deletion_timestamp.is_none());
}

/// What a watch says and what a launch is answered with, for whoever has this client.
async fn refused(place: &Place, client: Client) -> (ExecutorError, ExecutorError) {
    let executor = place.builder_as(client).build().await.unwrap();
    let watched = soon("the watch says that it is refused", async {
        let mut watch = executor.watch();
        match watch.next().await {
            Some(Err(error)) => error,
            other => panic!("a watch that is refused says {other:?}"),
        }
    })
    .await;
    let launched = executor.launch(&spec("refused", "succeed"), &CREATED).await.unwrap_err();
    (watched, launched)
}

#[tokio::test]
pub(super) async fn forbidden() {
    let place = Place::make().await;
    let account = ServiceAccount { metadata: named("without-a-role"), ..ServiceAccount::default() };
    place.api::<ServiceAccount>().create(&PostParams::default(), &account).await.unwrap();
    let client = place.setting.bearer(&place.token_of("without-a-role").await);
    let (watched, launched) = refused(&place, client).await;
    // Rights may be given later, so the watch is asked again; an attempt that may not be made is an operator's to look at.
    assert_eq!(watched.kind(), ExecutorErrorKind::Unavailable, "{watched}");
    assert_eq!(launched.kind(), ExecutorErrorKind::Rejected, "{launched}");
    for error in [watched, launched] {
        assert!(error.to_string().contains("403"), "{error}");
    }
}

#[tokio::test]
pub(super) async fn unauthorized() {
    let place = Place::make().await;
    let (watched, launched) = refused(&place, place.setting.bearer("of-nobody")).await;
    for error in [watched, launched] {
        assert_eq!(error.kind(), ExecutorErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("401"), "{error}");
    }
}

#[tokio::test]
pub(super) async fn validation_422() {
    let place = Place::make().await;
    // Names that are none, and too long for one.
    let mut long = spec("x", "succeed");
    long.attempt_id = AttemptId::new(format!("Attempt/{}_é", "long-".repeat(40))).unwrap();
    let executor = place.executor().await;
    done("launch", || executor.launch(&long, &CREATED)).await;
    assert_eq!(end_of(&executor, &long.attempt_id).await.exit_code, Some(0));
    let mut odd = spec("y", "succeed");
    odd.task_id = TaskId::new("ünsinn: ".repeat(20)).unwrap();
    done("launch", || executor.launch(&odd, &CREATED)).await;
    assert_eq!(end_of(&executor, &odd.attempt_id).await.exit_code, Some(64));
    // What an operator's overlay spoils is refused for good.
    let spoiled = pod_template(&json!({"spec": {"containers": [
        {"name": "worker", "env": [{"name": "A=B", "value": "c"}]}
    ]}}));
    let executor = place.builder().pod_template(spoiled).build().await.unwrap();
    let refused = executor.launch(&spec("spoiled", "succeed"), &CREATED).await.unwrap_err();
    assert_eq!(refused.kind(), ExecutorErrorKind::Rejected, "{refused}");
    assert!(refused.to_string().contains("A=B"), "{refused}");
}
