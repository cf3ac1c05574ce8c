//! What earlier runs left that were killed.

use chrono::{DateTime, TimeDelta, Utc};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, ListParams};
use kube::{Api, Client};
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
        let spaces: Api<Namespace> = Api::all(admin.clone());
        let labelled = ListParams::default().labels(LABEL);
        let found =
            spaces.list(&labelled).await.expect("the cluster shows its namespaces to an administrator");
        for name in found.items.iter().filter_map(|space| is_left(space, SystemTime::now().into())) {
            crate::said::aloud(&format!("an earlier run left the namespace {name}: it is removed"));
            spaces.delete(name, &DeleteParams::default()).await.expect("a namespace can be removed");
        }
    })
    .await;
}

/// Its name, if nobody can be at work in it any more.
fn is_left(space: &Namespace, now: DateTime<Utc>) -> Option<&str> {
    let made = space.metadata.creation_timestamp.as_ref()?;
    let made = DateTime::from_timestamp(made.0.as_second(), 0)?;
    let goes = space.metadata.deletion_timestamp.is_some();
    (now - made > OLD && !goes).then_some(space.metadata.name.as_deref()).flatten()
}

#[test]
fn what_is_old_is_left_over_and_what_may_still_be_used_is_not() {
    let space: Namespace = serde_json::from_value(serde_json::json!({
        "metadata": {"name": "leviathan-test-1", "creationTimestamp": "2026-01-24T10:00:00Z"}
    }))
    .unwrap();
    let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(is_left(&space, at("2026-01-24T10:30:00Z")), None);
    assert_eq!(is_left(&space, at("2026-01-24T13:00:00Z")), Some("leviathan-test-1"));
}
