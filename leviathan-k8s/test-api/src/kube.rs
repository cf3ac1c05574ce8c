//! `FakeKube`: an API server that runs, and what a test can see of it and do to it.

use crate::call::Call;
use crate::fault::{Failing, Fault};
use crate::plan::Plan;
use crate::pod::FakePod;
use crate::resource::Resource;
use crate::role::wide;
use crate::server::{Serving, serve};
use crate::shared::Shared;
use crate::tamper::{Break, Tamper};
use crate::world::{Change, User, World, owners, text};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Pod, Secret};
use k8s_openapi::api::rbac::v1::PolicyRule;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The namespace that is there from the beginning.
pub const NAMESPACE: &str = "leviathan";
/// The service account that [`FakeKube::token`] is of.
pub const ACCOUNT: &str = "leviathan-scheduler";
const TOKEN: &str = "token-of-the-scheduler";
const ADMIN_TOKEN: &str = "token-of-the-admin";
const PATIENCE: Duration = Duration::from_secs(30);

/// An API server that runs until this is dropped. It has a namespace `leviathan` with an account
/// `leviathan-scheduler` that has the rights of [`wide`].
pub struct FakeKube {
    pub(crate) shared: Arc<Shared>,
    serving: Serving,
}

impl FakeKube {
    /// Starts one whose pods the test moves.
    pub fn start() -> Self {
        Self::with_plans(|_| Plan::Held)
    }

    /// Starts one whose pods go by a plan for each Job, found for instance by its environment with
    /// [`env_of`](crate::env_of).
    pub fn with_plans(plans: impl Fn(&Job) -> Plan + Send + Sync + 'static) -> Self {
        let mut world = World::new(Arc::new(plans));
        let account = User::Account { namespace: NAMESPACE.to_owned(), name: ACCOUNT.to_owned() };
        world.tokens.insert(TOKEN.to_owned(), account);
        world.tokens.insert(ADMIN_TOKEN.to_owned(), User::Admin);
        let subject = json!({"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE});
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ACCOUNT});
        for (resource, name, more) in [
            (Resource::Namespaces, NAMESPACE, json!({})),
            (Resource::ServiceAccounts, "default", json!({})),
            (Resource::ServiceAccounts, ACCOUNT, json!({})),
            (Resource::Roles, ACCOUNT, json!({"rules": wide()})),
            (Resource::RoleBindings, ACCOUNT, json!({"subjects": [subject], "roleRef": role})),
        ] {
            let mut object = more;
            object["kind"] = resource.kind().into();
            object["apiVersion"] = resource.api_version().into();
            object["metadata"] = json!({"name": name});
            if resource != Resource::Namespaces {
                object["metadata"]["namespace"] = NAMESPACE.into();
            }
            let object = world.dress(object);
            world.put(resource, object);
        }
        world.oldest = world.version();
        let shared = Arc::new(Shared::new(world));
        Self { serving: serve(shared.clone()), shared }
    }

    /// Gives the scheduler's account these rights instead, in the namespace `leviathan`.
    pub fn set_rights(&self, rules: &[PolicyRule]) {
        self.shared.change(|world| {
            world.edit(Resource::Roles, NAMESPACE, ACCOUNT, |role| role["rules"] = json!(rules));
        });
    }

    /// `http://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("http://{}", self.serving.address)
    }

    /// The scheduler's token.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// A token that may do everything.
    pub fn admin_token(&self) -> &'static str {
        ADMIN_TOKEN
    }

    /// From now on the scheduler's token is unknown: 401.
    pub fn revoke_token(&self) {
        self.shared.change(|world| world.tokens.remove(TOKEN));
    }

    /// A client with the scheduler's token, which makes each request once.
    pub fn client(&self) -> kube::Client {
        self.client_with(TOKEN)
    }

    /// A client with another token.
    pub fn client_with(&self, token: &str) -> kube::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = kube::Config::new(self.url().parse().expect("an address"));
        NAMESPACE.clone_into(&mut config.default_namespace);
        let auth: kube::config::AuthInfo = serde_json::from_value(json!({"token": token})).expect("a token");
        config.auth_info = auth;
        config.default_retry = false;
        kube::Client::try_from(config).expect("a client")
    }

    /// A kubeconfig with this token, as text.
    pub fn kubeconfig(&self, token: &str) -> String {
        let context = json!({"cluster": "fake", "user": "fake", "namespace": NAMESPACE});
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": {"server": self.url()}}],
            "users": [{"name": "fake", "user": {"token": token}}],
            "contexts": [{"name": "fake", "context": context}],
        });
        config.to_string()
    }

    // What is there.

    /// The Jobs of all namespaces.
    pub fn jobs(&self) -> Vec<Job> {
        self.objects(Resource::Jobs)
    }

    /// The pods of all namespaces.
    pub fn pods(&self) -> Vec<Pod> {
        self.objects(Resource::Pods)
    }

    /// The Secrets of all namespaces.
    pub fn secrets(&self) -> Vec<Secret> {
        self.objects(Resource::Secrets)
    }

    /// The Job of this name in the namespace `leviathan`.
    pub fn job(&self, name: &str) -> Option<Job> {
        let job = self.shared.look(|world| world.get(Resource::Jobs, NAMESPACE, name).cloned())?;
        Some(serde_json::from_value(job).expect("a Job"))
    }

    fn objects<T: DeserializeOwned>(&self, resource: Resource) -> Vec<T> {
        let all: Vec<Value> = self.shared.look(|world| world.all(resource).cloned().collect());
        all.into_iter().map(|object| serde_json::from_value(object).expect("an object of its kind")).collect()
    }

    /// The newest pod of a Job in the namespace `leviathan`.
    ///
    /// # Panics
    /// If there is none.
    pub fn pod_of(&self, job: &str) -> FakePod<'_> {
        self.find_pod(NAMESPACE, job).unwrap_or_else(|| panic!("{job} has no pod"))
    }

    /// The newest pod of a Job, if there is one. The Job may be gone.
    pub fn find_pod(&self, namespace: &str, job: &str) -> Option<FakePod<'_>> {
        let name = self.shared.look(|world| {
            let of_job = |pod: &&Value| {
                let metadata = &pod["metadata"];
                metadata["namespace"] == namespace
                    && metadata["labels"]["batch.kubernetes.io/job-name"] == job
            };
            let made = |pod: &&Value| pod["metadata"]["uid"].as_str().map(|uid| uid[24..].to_owned());
            let pods = world.all(Resource::Pods).filter(of_job);
            pods.max_by_key(made).map(|pod| text(&pod["metadata"]["name"]))
        })?;
        Some(FakePod { kube: self, namespace: namespace.to_owned(), name })
    }

    /// Waits until `find` finds something, looking after each change and each request.
    ///
    /// # Panics
    /// After 30 seconds, with what was waited for and what was asked of the server.
    pub async fn until<T>(&self, what: &str, mut find: impl FnMut(&Self) -> Option<T>) -> T {
        let mut bell = self.shared.bell();
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            bell.mark_unchanged();
            if let Some(found) = find(self) {
                return found;
            }
            let left = end.saturating_duration_since(std::time::Instant::now());
            // By the clock of the machine, as a test's may stand still.
            let (late, is_late) = tokio::sync::oneshot::channel::<()>();
            let alarm = std::thread::spawn(move || {
                std::thread::park_timeout(left);
                drop(late);
            });
            tokio::select! {
                _ = bell.changed() => alarm.thread().unpark(),
                _ = is_late => panic!("waited in vain for {what}; asked were {:#?}", self.calls()),
            }
        }
    }

    // What was asked.

    /// Every request so far.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.look(|world| world.calls.clone())
    }

    /// How many requests there were of this verb for this resource, as roles name them.
    pub fn count(&self, verb: &str, resource: &str) -> usize {
        self.shared.look(|world| {
            world.calls.iter().filter(|call| call.verb == verb && call.resource == resource).count()
        })
    }

    /// How many requests there were of each verb and resource: `create jobs`.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.calls() {
            *counts.entry(format!("{} {}", call.verb, call.resource)).or_default() += 1;
        }
        counts
    }

    /// Forgets the requests so far.
    pub fn forget_calls(&self) {
        self.shared.change(|world| world.calls.retain(|call| call.status.is_none()));
    }

    /// What was refused because nothing of ours should ask for it: unknown parameters, fields, paths, methods, media
    /// types.
    pub fn refused(&self) -> Vec<String> {
        self.shared.look(|world| world.strange.clone())
    }

    /// How many watches of a resource are open.
    pub fn open_watches(&self, resource: Resource) -> usize {
        self.shared.look(|world| world.open_watches.get(&resource).copied().unwrap_or_default())
    }

    /// How many logs are followed.
    pub fn open_follows(&self) -> usize {
        self.shared.look(|world| world.open_follows)
    }

    // What goes wrong.

    /// The next `times` requests of this verb for this resource go wrong. `*` stands for any.
    pub fn fail(&self, times: usize, verb: &str, resource: &str, how: Failing) {
        let fault = Fault { verb: verb.to_owned(), resource: resource.to_owned(), left: times, how };
        self.shared.change(|world| world.faults.push(fault));
    }

    /// Nothing more goes wrong that was asked for by [`fail`](Self::fail).
    pub fn stop_failing(&self) {
        self.shared.change(|world| world.faults.clear());
    }

    /// Cuts every connection, and each new one, until [`come_up`](Self::come_up). What is kept is kept, and pods go on.
    pub fn go_down(&self) {
        self.shared.change(|world| {
            world.down = true;
            world.downs += 1;
        });
    }

    /// Takes connections again.
    pub fn come_up(&self) {
        self.shared.change(|world| world.down = false);
    }

    /// Ends the open watches of a resource.
    pub fn break_watches(&self, resource: Resource, how: Break) {
        self.shared.change(|world| world.breaks.push((resource, how)));
    }

    /// Every version that was given out is too old from now on.
    pub fn forget_history(&self) {
        self.shared.change(|world| {
            world.oldest = world.next_version();
            world.lists.clear();
        });
    }

    /// The open watches of a resource, and new ones, show nothing newer than now, until
    /// [`release_watches`](Self::release_watches). Lists do.
    pub fn hold_watches(&self, resource: Resource) {
        self.shared.change(|world| {
            let version = world.version();
            world.held.insert(resource, version);
        });
    }

    /// Watches show again what happens, and what happened meanwhile.
    pub fn release_watches(&self, resource: Resource) {
        self.shared.change(|world| world.held.remove(&resource));
    }

    /// No watch shows the next `times` changes of a resource.
    pub fn lose_changes(&self, resource: Resource, times: usize) {
        self.tamper(resource, times, Tamper::Lost);
    }

    /// Every watch shows the next `times` changes of a resource twice.
    pub fn repeat_changes(&self, resource: Resource, times: usize) {
        self.tamper(resource, times, Tamper::Twice);
    }

    fn tamper(&self, resource: Resource, times: usize, how: Tamper) {
        self.shared.change(|world| {
            world.tampers.entry(resource).or_default().extend(std::iter::repeat_n(how, times));
        });
    }

    /// Sends a bookmark on the open watches of a resource that take some.
    pub fn send_bookmarks(&self, resource: Resource) {
        self.shared.change(|world| {
            let version = world.next_version();
            let (before, after, deleted, tamper) = (None, None, false, None);
            world.history.push(Change { version, resource, before, after, deleted, tamper });
        });
    }

    // What others do.

    /// Somebody else deletes a Job of the namespace `leviathan` in the background.
    pub fn delete_job(&self, name: &str) {
        self.shared.change(|world| {
            let job = world.get(Resource::Jobs, NAMESPACE, name).cloned();
            let job = job.unwrap_or_else(|| panic!("there is no Job {name}"));
            world.delete_job(&job, crate::deleting::Propagation::Background);
        });
    }

    /// The controller tries once more to make the pod of a Job that may have none, and says so in an Event.
    pub fn deny_again(&self, job: &str, message: &str) {
        self.shared.change(|world| {
            let job = world.get(Resource::Jobs, NAMESPACE, job).cloned().unwrap_or_default();
            world.deny(&job, message);
        });
    }

    /// Keeps an object as it is given, though no API server would make it so: one strange object among others. It needs
    /// `metadata.name` and `metadata.namespace`.
    pub fn put(&self, resource: Resource, object: Value) {
        self.shared.change(|world| {
            let mut object = object;
            if object["metadata"]["uid"].is_null() {
                object = world.dress(object);
            }
            world.put(resource, object);
        });
    }

    /// Whether each object that names an owner names one that is there.
    pub fn owners_are_there(&self) -> bool {
        self.shared.look(|world| {
            let uids: Vec<Value> =
                world.all(Resource::Jobs).map(|job| job["metadata"]["uid"].clone()).collect();
            world.all(Resource::Secrets).flat_map(owners).all(|owner| uids.contains(&owner["uid"]))
        })
    }
}

impl fmt::Debug for FakeKube {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeKube").field("url", &self.url()).finish_non_exhaustive()
    }
}
