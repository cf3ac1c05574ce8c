//! `Place`: a namespace of a test's own, as an operator sets one up.

use crate::leftovers::{LABEL, remove_leftovers};
use crate::said::aloud;
use crate::setting::Setting;
use crate::shipped::{Rights, Shipped};
use crate::starts::Starts;
use crate::waiting::at_last;
use crate::work;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, ResourceQuotaSpec, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::executor::AttemptTokens;
use leviathan_core::id::AttemptId;
use leviathan_core::{Secret as Hidden, Timestamp};
use leviathan_k8s::{K8sExecutor, K8sExecutorBuilder, PullPolicy, WorkerResources};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// A namespace of a test's own, with the role that is shipped. It goes with all that is in it when this is dropped, also
/// after a failure.
pub(crate) struct Place {
    pub(crate) setting: Setting,
    pub(crate) namespace: String,
    pub(crate) artifacts: Arc<MemoryArtifactStore>,
    /// An administrator's.
    pub(crate) admin: Client,
    /// The scheduler's, with the rights of the role and no others.
    pub(crate) scheduler: Client,
    pub(crate) starts: Starts,
    _turn: Turn,
}

/// Whether others may be at work on the cluster meanwhile.
enum Turn {
    WithOthers { _held: OwnedRwLockReadGuard<()> },
    Alone { _held: OwnedRwLockWriteGuard<()> },
}

/// How long a cluster may take to hear that a namespace is to go.
const LEAVING: Duration = Duration::from_secs(60);

static TURNS: LazyLock<Arc<RwLock<()>>> = LazyLock::new(Arc::default);

impl Place {
    /// One with the wide role.
    pub(crate) async fn make() -> Self {
        Self::with(Rights::Wide).await
    }

    /// One with the wide role, while no other test has one.
    pub(crate) async fn alone() -> Self {
        let turn = Turn::Alone { _held: TURNS.clone().write_owned().await };
        Self::set_up(Rights::Wide, turn).await
    }

    /// One with this role. A test has one at a time: whoever is to be alone waits for all others.
    pub(crate) async fn with(rights: Rights) -> Self {
        let turn = Turn::WithOthers { _held: TURNS.clone().read_owned().await };
        Self::set_up(rights, turn).await
    }

    async fn set_up(rights: Rights, turn: Turn) -> Self {
        let setting = Setting::of_the_environment().await;
        let admin = setting.admin();
        remove_leftovers(&admin).await;
        let namespace = format!("leviathan-test-{:016x}", RandomState::new().hash_one(0));
        let shipped = Shipped::read(&namespace, rights);
        let account = shipped.account.metadata.name.clone().expect("an account has a name");
        let rules = shipped.role.rules.clone().unwrap_or_default();
        // From here on there is something to remove.
        let mut place = Self {
            starts: Starts::default(),
            _turn: turn,
            namespace,
            artifacts: Arc::default(),
            scheduler: admin.clone(),
            admin,
            setting,
        };
        place.apply(shipped).await;
        place.scheduler = place.setting.bearer(&place.token_of(&account).await);
        place.rights_are_there(&rules).await;
        place.starts.count(place.api());
        place
    }

    /// Things of a kind, by an administrator.
    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.admin.clone(), &self.namespace)
    }

    async fn apply(&self, shipped: Shipped) {
        let mut space = shipped.namespace;
        space.metadata.labels.get_or_insert_default().insert(LABEL.to_owned(), "true".to_owned());
        let how = PostParams::default();
        let spaces: Api<Namespace> = Api::all(self.admin.clone());
        spaces.create(&how, &space).await.expect("a namespace can be made");
        self.api::<ServiceAccount>().create(&how, &shipped.account).await.expect("an account can be made");
        self.api::<Role>().create(&how, &shipped.role).await.expect("a role can be made");
        self.api::<RoleBinding>().create(&how, &shipped.binding).await.expect("a binding can be made");
        let secret = Secret {
            metadata: named("leviathan-secrets"),
            string_data: Some(BTreeMap::from([("worker-token".to_owned(), "hunter2".to_owned())])),
            ..Secret::default()
        };
        self.api::<Secret>().create(&how, &secret).await.expect("a Secret can be made");
        // A controller makes it, and no pod is made before.
        let accounts: Api<ServiceAccount> = self.api();
        at_last("the account `default`", async || accounts.get_opt("default").await.expect("it answers"))
            .await;
    }

    /// A token of an account, as a pod would get it.
    pub(crate) async fn token_of(&self, account: &str) -> String {
        let request = TokenRequest {
            spec: TokenRequestSpec { expiration_seconds: Some(7200), ..TokenRequestSpec::default() },
            ..TokenRequest::default()
        };
        let accounts: Api<ServiceAccount> = self.api();
        let made = accounts.create_token_request(account, &PostParams::default(), &request).await;
        made.expect("a token can be made").status.expect("it holds the token").token
    }

    /// A role is in force a moment after it was made, and what the executor is refused once it does not ask for again.
    async fn rights_are_there(&self, rules: &[PolicyRule]) {
        for rule in rules {
            for (resource, verb) in
                rule.resources.iter().flatten().flat_map(|one| rule.verbs.iter().map(move |verb| (one, verb)))
            {
                let (resource, sub) =
                    resource.split_once('/').map_or((resource.as_str(), None), |(it, sub)| (it, Some(sub)));
                let about = ResourceAttributes {
                    group: rule.api_groups.iter().flatten().next().cloned(),
                    resource: Some(resource.to_owned()),
                    subresource: sub.map(str::to_owned),
                    verb: Some(verb.clone()),
                    namespace: Some(self.namespace.clone()),
                    ..ResourceAttributes::default()
                };
                let review = SelfSubjectAccessReview {
                    spec: SelfSubjectAccessReviewSpec {
                        resource_attributes: Some(about),
                        ..SelfSubjectAccessReviewSpec::default()
                    },
                    ..SelfSubjectAccessReview::default()
                };
                let reviews: Api<SelfSubjectAccessReview> = Api::all(self.scheduler.clone());
                at_last("the role is in force", async || {
                    let answer = reviews.create(&PostParams::default(), &review).await;
                    answer.ok()?.status.filter(|status| status.allowed)
                })
                .await;
            }
        }
    }

    /// An executor with the account's rights, whose workers do what their task is called.
    pub(crate) fn builder(&self) -> K8sExecutorBuilder {
        self.builder_as(self.scheduler.clone())
    }

    /// The same, with a client of one's own.
    pub(crate) fn builder_as(&self, client: Client) -> K8sExecutorBuilder {
        K8sExecutor::builder()
            .client(client)
            .namespace(&self.namespace)
            .fleet("log-1")
            .image(&self.setting.image)
            .pull_policy(PullPolicy::IfNotPresent)
            .control_plane_url("http://leviathan-api.invalid:8000")
            .control_plane_token_key("worker-token")
            .github_token_key(None)
            .claude_api_key_key(None)
            .tokens(Arc::new(Tokens))
            .resources(little())
            .termination_grace_seconds(1)
            .poll(Duration::from_secs(1))
            .pod_template(work::pod_template(&serde_json::json!({})))
            .artifacts(self.artifacts.clone())
    }

    /// How long to be patient with what never starts: until the cluster surely has said what it waits for.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(if self.setting.is_real() { 20 } else { 3 })
    }

    /// From now on a quota, named `no-pods`, allows no more pods.
    pub(crate) async fn forbid_pods(&self) {
        let hard = BTreeMap::from([("pods".to_owned(), Quantity("0".to_owned()))]);
        let spec = ResourceQuotaSpec { hard: Some(hard), ..ResourceQuotaSpec::default() };
        let quota =
            ResourceQuota { metadata: named("no-pods"), spec: Some(spec), ..ResourceQuota::default() };
        let quotas: Api<ResourceQuota> = self.api();
        quotas.create(&PostParams::default(), &quota).await.expect("a quota can be made");
        // A real one is obeyed once a controller has counted.
        at_last("the quota is in force", async || {
            let quota = quotas.get("no-pods").await.expect("it answers");
            quota.status.and_then(|status| status.hard)
        })
        .await;
    }

    pub(crate) async fn executor(&self) -> K8sExecutor {
        self.builder().build().await.unwrap()
    }
}

impl Drop for Place {
    /// On a thread and with a client of its own, since the test's runtime may be ending.
    fn drop(&mut self) {
        let (config, namespace) = (self.setting.admin.clone(), self.namespace.clone());
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let remove = async { tokio::time::timeout(LEAVING, remove(config, &namespace)).await };
            runtime.expect("a runtime").block_on(remove)
        });
        let why = match removed.join() {
            Ok(Ok(Ok(()))) => return,
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(_)) => format!("no answer in {LEAVING:?}"),
            Err(_) => "removing it panicked".to_owned(),
        };
        let left = format!("the namespace {} may be left: {why}", self.namespace);
        // A test that goes well fails by it; of one that fails already that is what is to be seen.
        assert!(std::thread::panicking(), "{left}");
        aloud(&left);
    }
}

/// The cluster does the rest by itself.
async fn remove(config: kube::Config, namespace: &str) -> kube::Result<()> {
    let spaces: Api<Namespace> = Api::all(Client::try_from(config)?);
    match spaces.delete(namespace, &DeleteParams::default()).await {
        // It was never made.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        removed => removed.map(drop),
    }
}

/// Room for a shell, and for a hundred of them on a small node.
pub(crate) fn little() -> WorkerResources {
    WorkerResources {
        cpu_request: "1m".to_owned(),
        cpu_limit: "500m".to_owned(),
        memory_request: "8Mi".to_owned(),
        memory_limit: "64Mi".to_owned(),
        disk: "64Mi".to_owned(),
    }
}

pub(crate) fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() }
}

/// Tokens for attempts, so that each has a Secret of its own where the role allows it.
#[derive(Debug)]
struct Tokens;

impl AttemptTokens for Tokens {
    fn token_for(&self, attempt: &AttemptId, _: Timestamp) -> Hidden {
        Hidden::new(format!("token-of-{attempt}"))
    }
}
