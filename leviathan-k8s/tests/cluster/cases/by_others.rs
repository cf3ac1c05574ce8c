//! What others do to Jobs and pods of attempts.

use super::{comes_out, is_as_recorded};
use crate::place::Place;
use crate::shipped::Rights;
use crate::waiting::{at_last, done, end_of, gone, is_taken, runs};
use crate::work::{CREATED, job_of, spec};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use leviathan_core::executor::{AttemptSpec, Executor};
use leviathan_k8s::K8sExecutor;
use serde_json::{Value, json};

/// An attempt that runs.
async fn running(place: &Place, executor: &K8sExecutor, name: &str) -> AttemptSpec {
    let spec = spec(name, "hang");
    done("launch", || executor.launch(&spec, &CREATED)).await;
    runs(executor, &spec.attempt_id).await;
    assert!(place.api::<Job>().get_opt(&job_of(&spec)).await.unwrap().is_some());
    spec
}

async fn patch(jobs: &Api<Job>, spec: &AttemptSpec, change: Value) {
    jobs.patch(&job_of(spec), &PatchParams::default(), &Patch::Merge(change)).await.unwrap();
}

async fn is_gone_once_deleted(how: DeleteParams) {
    let place = Place::make().await;
    let executor = place.executor().await;
    let spec = running(&place, &executor, "deleted").await;
    place.api::<Job>().delete(&job_of(&spec), &how).await.unwrap();
    gone(&executor, &spec.attempt_id).await;
    // The scheduler records it as lost and never launches it again; a repeated launch makes it anew all the same.
    done("launch", || executor.launch(&spec, &CREATED)).await;
    runs(&executor, &spec.attempt_id).await;
}

#[tokio::test]
pub(super) async fn job_deleted_background() {
    is_gone_once_deleted(DeleteParams::background()).await;
}

#[tokio::test]
pub(super) async fn job_deleted_foreground() {
    is_gone_once_deleted(DeleteParams::foreground()).await;
}

#[tokio::test]
pub(super) async fn pod_deleted_by_hand() {
    let place = Place::make().await;
    let executor = place.executor().await;
    let spec = running(&place, &executor, "by-hand").await;
    let pods: Api<Pod> = place.api();
    let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={}", job_of(&spec)));
    for pod in pods.list(&of_job).await.unwrap() {
        pods.delete(&pod.metadata.name.unwrap(), &DeleteParams::default()).await.unwrap();
    }
    let end = end_of(&executor, &spec.attempt_id).await;
    is_as_recorded("pod-deleted-by-hand", &place, &end).await;
}

#[tokio::test]
pub(super) async fn deadline_job() {
    let place = Place::make().await;
    let executor = place.executor().await;
    let spec = running(&place, &executor, "late").await;
    patch(&place.api(), &spec, json!({"spec": {"activeDeadlineSeconds": 1}})).await;
    let end = end_of(&executor, &spec.attempt_id).await;
    is_as_recorded("deadline-job", &place, &end).await;
}

#[tokio::test]
pub(super) async fn job_suspended() {
    // Without a Secret of its own, which would go with the Job that is only made to be copied.
    let place = Place::with(Rights::Narrow).await;
    let (jobs, spec) = (place.api::<Job>(), spec("suspended", "succeed"));
    let name = job_of(&spec);
    let first = place.executor().await;
    done("launch", || first.launch(&spec, &CREATED)).await;
    let made = jobs.get(&name).await.unwrap();
    jobs.delete(&name, &DeleteParams::foreground()).await.unwrap();
    at_last("the Job is gone", async || jobs.get_opt(&name).await.unwrap().is_none().then_some(())).await;
    drop(first);
    jobs.create(&PostParams::default(), &suspended(made)).await.unwrap();

    let executor = place.executor().await;
    done("launch", || executor.launch(&spec, &CREATED)).await;
    is_taken(&executor, &spec.attempt_id).await;
    let pods = place.api::<Pod>().list(&ListParams::default()).await.unwrap();
    let alive = pods.items.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
    assert_eq!(alive.count(), 0, "a suspended Job has no pod");
    patch(&jobs, &spec, json!({"spec": {"suspend": false}})).await;
    comes_out("job-suspended", &place, place.builder(), &spec).await;
}

/// The Job as the executor makes it, but suspended.
fn suspended(made: Job) -> Job {
    let mut spec = made.spec.unwrap();
    spec.suspend = Some(true);
    spec.selector = None;
    // What the cluster added to find its pods by.
    let ours = |name: &String| !name.ends_with("controller-uid") && !name.ends_with("job-name");
    let template = spec.template.metadata.get_or_insert_default();
    template.labels.get_or_insert_default().retain(|name, _| ours(name));
    let mut labels = made.metadata.labels.unwrap_or_default();
    labels.retain(|name, _| ours(name));
    let metadata = ObjectMeta {
        name: made.metadata.name,
        labels: Some(labels),
        annotations: made.metadata.annotations,
        ..ObjectMeta::default()
    };
    Job { metadata, spec: Some(spec), status: None }
}
