//! Lists everything of one kind, in pages.

use super::api_error::ApiError;
use super::cluster::Cluster;
use super::mirror::Mirror;
use kube::Api;
use kube::api::ListParams;
use kube::core::DeserializeGuard;
use kube::core::Resource;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// What can be listed and watched.
pub(super) trait Listed:
    Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Listed for K where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// How many things a page holds.
const PAGE: u32 = 500;

/// Lists everything of the fleet, and gives the version that a watch goes on from.
pub(super) async fn list<K: Listed>(
    cluster: &Cluster,
    api: &Api<DeserializeGuard<K>>,
    mirror: &dyn Mirror<K>,
) -> Result<String, ApiError> {
    let asked = format!("list {}", K::plural(&()));
    let mut page = ListParams::default().labels(&cluster.selector).limit(PAGE);
    mirror.list_begins();
    loop {
        let shown = cluster.within(&asked, api.list(&page)).await?;
        shown.items.into_iter().for_each(|item| mirror.see(item));
        match shown.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => {
                mirror.listed();
                return Ok(shown.metadata.resource_version.unwrap_or_default());
            }
        }
    }
}
