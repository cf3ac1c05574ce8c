//! What earlier runs left that were killed.

use chrono::{DateTime, TimeDelta, Utc};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client};
use leviathan_test_kube_api::FakeKube;
use serde_json::json;
use std::time::SystemTime;
use tokio::sync::OnceCell;

/// The label of every namespace that the suite makes.
pub(crate) const LABEL: &str = "leviathan-test";
/// Longer than a run takes, so that two may run on one cluster.
const OLD: TimeDelta = TimeDelta::hours(2);

/// Removes the namespaces that earlier runs left. Done once in a run, and at once by all that would do it.
pub(crate) async fn remove_leftovers(admin: &Client) {
    static DONE: OnceCell<()> = OnceCell::const_new();
    DONE.get_or_init(|| async {
        for name in remove(admin, SystemTime::now().into()).await {
            crate::said::aloud(&format!("an earlier run left the namespace {name}: it is removed"));
        }
    })
    .await;
}

async fn remove(admin: &Client, now: DateTime<Utc>) -> Vec<String> {
    let spaces: Api<Namespace> = Api::all(admin.clone());
    let labelled = ListParams::default().labels(LABEL);
    let found = spaces.list(&labelled).await.expect("the cluster shows its namespaces to an administrator");
    let left: Vec<String> =
        found.items.iter().filter_map(|space| is_left(space, now)).map(str::to_owned).collect();
    for name in &left {
        // Another run may have removed it meanwhile.
        let removed = spaces.delete(name, &DeleteParams::default()).await;
        assert!(removed.is_ok() || spaces.get_opt(name).await.is_ok_and(|space| space.is_none()), "{name}");
    }
    left
}

/// Its name, if nobody can be at work in it any more.
fn is_left(space: &Namespace, now: DateTime<Utc>) -> Option<&str> {
    let made = space.metadata.creation_timestamp.as_ref()?;
    let made = DateTime::from_timestamp(made.0.as_second(), 0)?;
    let goes = space.metadata.deletion_timestamp.is_some();
    (now - made > OLD && !goes).then_some(space.metadata.name.as_deref()).flatten()
}

#[tokio::test]
async fn what_is_old_and_labelled_is_removed_and_nothing_else() {
    let kube = FakeKube::start();
    let admin = kube.client_with(kube.admin_token());
    let spaces: Api<Namespace> = Api::all(admin.clone());
    for (name, labels) in [("leviathan-test-1", json!({LABEL: "true"})), ("of-somebody", json!({}))] {
        let space = serde_json::from_value(json!({"metadata": {"name": name, "labels": labels}})).unwrap();
        spaces.create(&PostParams::default(), &space).await.unwrap();
    }
    let now = DateTime::<Utc>::from(SystemTime::now());
    assert_eq!(remove(&admin, now + TimeDelta::minutes(30)).await, Vec::<String>::new());
    assert_eq!(remove(&admin, now + TimeDelta::hours(3)).await, ["leviathan-test-1"]);
    assert!(spaces.get_opt("leviathan-test-1").await.unwrap().is_none());
    assert!(spaces.get_opt("of-somebody").await.unwrap().is_some());
}
