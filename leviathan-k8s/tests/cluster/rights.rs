//! What the scheduler's account may do, and what it may not.

use crate::place::Place;
use crate::shipped::Rights;
use crate::waiting::{done, end_of, gone_or_ended, runs};
use crate::work::{CREATED, job_of, spec};
use k8s_openapi::api::core::v1::{Event, Pod, Secret};
use kube::Api;
use kube::api::ListParams;
use leviathan_core::executor::{Cause, Executor};
use leviathan_k8s::Patience;
use std::time::Duration;

fn is_forbidden<T>(answer: kube::Result<T>) -> bool {
    matches!(answer, Err(kube::Error::Api(status)) if status.code == 403)
}

#[tokio::test]
async fn neither_role_reads_secrets_or_anything_of_another_namespace() {
    for rights in [Rights::Wide, Rights::Narrow] {
        let place = Place::with(rights).await;
        let all = ListParams::default();
        let secrets: Api<Secret> = Api::namespaced(place.scheduler.clone(), &place.namespace);
        assert!(is_forbidden(secrets.list(&all).await), "{rights:?}");
        assert!(is_forbidden(secrets.get("leviathan-secrets").await), "{rights:?}");
        let elsewhere: Api<Pod> = Api::namespaced(place.scheduler.clone(), "default");
        assert!(is_forbidden(elsewhere.list(&all).await), "{rights:?}");
        let events: Api<Event> = Api::namespaced(place.scheduler.clone(), &place.namespace);
        assert_eq!(is_forbidden(events.list(&all).await), rights == Rights::Narrow);
    }
}

#[tokio::test]
async fn workers_have_a_secret_of_their_own_where_the_role_allows_it_and_else_the_shared_one() {
    for (rights, own) in [(Rights::Wide, true), (Rights::Narrow, false)] {
        let place = Place::with(rights).await;
        let executor = place.executor().await;
        let spec = spec("token", "hang");
        done("launch", || executor.launch(&spec, &CREATED)).await;
        runs(&executor, &spec.attempt_id).await;
        let secrets = place.api::<Secret>().list(&ListParams::default()).await.unwrap();
        let job = job_of(&spec);
        let owned = |secret: &Secret| {
            secret.metadata.owner_references.iter().flatten().any(|owner| owner.name == job)
        };
        assert_eq!(secrets.items.iter().any(owned), own, "{rights:?}");
    }
}

#[tokio::test]
async fn with_the_least_role_a_cancel_still_ends_it_and_a_quota_is_still_a_configuration_error() {
    let place = Place::with(Rights::Narrow).await;
    let patience = Patience { no_pod: place.patience(), ..Patience::default() };
    let executor = place.builder().patience(patience).build().await.unwrap();
    let hangs = spec("hangs", "hang");
    done("launch", || executor.launch(&hangs, &CREATED)).await;
    runs(&executor, &hangs.attempt_id).await;
    executor.cancel(&hangs.attempt_id, Duration::from_secs(600)).await.unwrap();
    gone_or_ended(&executor, &hangs.attempt_id).await;
    place.forbid_pods().await;
    let denied = spec("denied", "succeed");
    done("launch", || executor.launch(&denied, &CREATED)).await;
    let end = end_of(&executor, &denied.attempt_id).await;
    assert_eq!(end.cause, Some(Cause::ConfigError), "{end:?}");
}
