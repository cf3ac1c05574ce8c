//! Attempts that a cluster would keep waiting for ever, and that the executor ends with what to look at.

use super::comes_out;
use crate::place::{Place, little};
use crate::shipped::Rights;
use crate::work::{pod_template, spec};
use leviathan_k8s::{K8sExecutorBuilder, Patience, PullPolicy, WorkerResources};
use serde_json::json;

/// The attempt ends as recorded, and its detail has these words. What is not waited for here is waited for as ever.
async fn ends_saying(case: &str, place: &Place, builder: K8sExecutorBuilder, words: &[&str]) {
    let (short, long) = (place.patience(), Patience::default());
    let unschedulable = if case == "unschedulable" { short } else { long.unschedulable };
    let patience = Patience { no_pod: short, image_pull: short, configuration: short, unschedulable, ..long };
    let spec = spec(case, "succeed");
    let end = comes_out(case, place, builder.patience(patience), &spec).await;
    let detail = end.detail.as_deref().unwrap_or_default();
    assert!(words.iter().all(|word| detail.contains(word)), "{case}: {detail}");
    assert_eq!((end.exit_code, end.artifacts.len()), (None, 0), "{case}: {end:?}");
}

#[tokio::test]
pub(super) async fn image_pull_backoff() {
    let place = Place::make().await;
    let image = "registry.invalid/leviathan/worker:1";
    ends_saying("image-pull-backoff", &place, place.builder().image(image), &[image, "pull secrets"]).await;
}

#[tokio::test]
pub(super) async fn invalid_image_name() {
    let place = Place::make().await;
    let image = "Leviathan/Worker";
    ends_saying("invalid-image-name", &place, place.builder().image(image), &[image, "no image's name"])
        .await;
}

#[tokio::test]
pub(super) async fn err_image_never_pull() {
    let place = Place::make().await;
    let image = "registry.invalid/leviathan/worker:1";
    let builder = place.builder().image(image).pull_policy(PullPolicy::Never);
    ends_saying("err-image-never-pull", &place, builder, &[image, "must not be pulled"]).await;
}

#[tokio::test]
pub(super) async fn create_container_config_error() {
    // Without Secrets of attempts' own, which are waited for in the same way for a moment.
    let place = Place::with(Rights::Narrow).await;
    let without_key = place.builder().github_token_key(Some("no-such-key".to_owned()));
    let words = ["no-such-key", "leviathan-secrets"];
    ends_saying("create-container-config-error", &place, without_key, &words).await;
    let without_secret = place.builder().secret_name("no-such-secret");
    ends_saying("create-container-config-error", &place, without_secret, &["no-such-secret"]).await;
}

#[tokio::test]
pub(super) async fn unschedulable() {
    let place = Place::make().await;
    let absurd =
        WorkerResources { cpu_request: "100000".to_owned(), cpu_limit: "100000".to_owned(), ..little() };
    ends_saying("unschedulable", &place, place.builder().resources(absurd), &["no node has room"]).await;
}

#[tokio::test]
pub(super) async fn quota_no_pod() {
    let place = Place::make().await;
    place.forbid_pods().await;
    ends_saying("quota-no-pod", &place, place.builder(), &["exceeded quota: no-pods"]).await;
}

#[tokio::test]
pub(super) async fn missing_serviceaccount() {
    let place = Place::make().await;
    let builder = place.builder().service_account("not-there");
    ends_saying("missing-serviceaccount", &place, builder, &["not-there", "not found"]).await;
}

#[tokio::test]
pub(super) async fn pod_security_denied() {
    // The namespace that is shipped enforces the restricted standard.
    let place = Place::make().await;
    let loose = pod_template(&json!({"spec": {"hostNetwork": true}}));
    let words = ["violates PodSecurity \"restricted"];
    ends_saying("pod-security-denied", &place, place.builder().pod_template(loose), &words).await;
}
