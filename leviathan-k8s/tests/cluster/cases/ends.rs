//! Attempts that end by themselves, or that a node ends.

use super::{comes_out, log_of};
use crate::place::{Place, little};
use crate::said::aloud;
use crate::work::{pod_template, spec};
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use leviathan_core::executor::{AttemptSpec, ReportedOutcome};
use leviathan_k8s::WorkerResources;
use serde_json::json;
use std::num::NonZeroU64;
use std::time::Duration;

/// A node that measures its disks does so several times in this.
const NOTICES: Duration = Duration::from_secs(240);

#[tokio::test]
pub(super) async fn success() {
    let place = Place::make().await;
    let end = comes_out("success", &place, place.builder(), &spec("success", "succeed")).await;
    let said = end.final_message.as_ref().expect("its last word");
    assert_eq!((said.outcome, said.summary.as_str()), (ReportedOutcome::Succeeded, "as planned"));
    assert_eq!(log_of(&place, &end).await, "working on attempt-success\n");
}

#[tokio::test]
pub(super) async fn failure_exit_3() {
    let place = Place::make().await;
    let end = comes_out("failure-exit-3", &place, place.builder(), &spec("exit-3", "exit-3")).await;
    assert_eq!(end.final_message, None);
    assert_eq!(log_of(&place, &end).await, "working on attempt-exit-3\ngave up\n");
}

#[tokio::test]
pub(super) async fn short_container() {
    let place = Place::make().await;
    // One in many is never seen to run.
    for round in 0..5 {
        let spec = spec(&format!("short-{round}"), "succeed");
        comes_out("short-container", &place, place.builder(), &spec).await;
    }
}

#[tokio::test]
pub(super) async fn oom_killed() {
    let place = Place::make().await;
    comes_out("oom-killed", &place, place.builder(), &spec("oom", "eat-memory")).await;
}

#[tokio::test]
pub(super) async fn start_error() {
    let place = Place::make().await;
    let template = json!({"spec": {"containers": [{"name": "worker", "command": ["/no/such/command"]}]}});
    let builder = place.builder().pod_template(template.to_string());
    let end = comes_out("start-error", &place, builder, &spec("start-error", "succeed")).await;
    let detail = end.detail.unwrap();
    assert!(detail.contains("/no/such/command"), "{detail}");
}

#[tokio::test]
pub(super) async fn init_container_fails() {
    let place = Place::make().await;
    let template = pod_template(&json!({"spec": {"initContainers": [{
        "name": "setup", "image": place.setting.image, "command": ["/bin/sh", "-c", "exit 4"],
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    }]}}));
    let builder = place.builder().pod_template(template);
    let end = comes_out("init-container-fails", &place, builder, &spec("init", "succeed")).await;
    let detail = end.detail.unwrap();
    assert!(detail.contains("`setup`") && detail.contains("exit code 4"), "{detail}");
}

#[tokio::test]
pub(super) async fn deadline_pod() {
    let place = Place::make().await;
    // On a real cluster it holds for the pulling of the image, too.
    let seconds = if place.setting.is_real() { 60 } else { 3 };
    let late = AttemptSpec { deadline_seconds: NonZeroU64::new(seconds), ..spec("late", "hang") };
    comes_out("deadline-pod", &place, place.builder(), &late).await;
}

#[tokio::test]
pub(super) async fn evicted_ephemeral_storage() {
    let place = Place::make().await;
    // What it writes counts as its memory, too, until it is on the disk.
    let memory_limit = "128Mi".to_owned();
    let resources = WorkerResources { disk: "16Mi".to_owned(), memory_limit, ..little() };
    let builder = place.builder().resources(resources);
    let spec = spec("disk", "fill-disk");
    let ends = comes_out("evicted-ephemeral-storage", &place, builder, &spec);
    let Ok(end) = tokio::time::timeout(NOTICES, ends).await else {
        let pods = place.api::<Pod>().list(&ListParams::default()).await.unwrap();
        let ended = |pod: &Pod| pod.status.as_ref().is_some_and(|status| status.reason.is_some());
        assert!(!pods.items.iter().any(ended), "the node noticed, and the executor did not");
        aloud(&format!(
            "SKIPPED evicted-ephemeral-storage: in {NOTICES:?} the node did not notice that its disk fills"
        ));
        return;
    };
    let detail = end.detail.unwrap();
    assert!(detail.contains("ephemeral") || detail.contains("workspace"), "{detail}");
}
