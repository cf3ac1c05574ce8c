//! `K8sExecutorBuilder`: tells an executor what it needs to know, and checks it.

use crate::K8sExecutor;
use crate::config::{BuildError, Check, Config, Overlay, Patience, PullPolicy, SecretRefs, WorkerResources};
use crate::connection::Connection;
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::executor::{AttemptTokens, worker_env};
use leviathan_core::id::ExecutorName;
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`K8sExecutor`]. `fleet`, `control_plane_url` and `artifacts` must be set.
#[derive(Clone)]
#[must_use = "nothing is built before `build`"]
pub struct K8sExecutorBuilder {
    connection: Connection,
    requests_per_second: NonZeroU32,
    cluster: Option<String>,
    namespace: String,
    fleet: Option<String>,
    image: String,
    pull_policy: Option<PullPolicy>,
    service_account: Option<String>,
    control_plane_url: Option<String>,
    secrets: SecretRefs,
    env: BTreeMap<String, String>,
    own_env: BTreeMap<&'static str, String>,
    agent_env: Vec<String>,
    resources: WorkerResources,
    default_deadline_seconds: NonZeroU64,
    termination_grace_seconds: u32,
    pod_template: Option<String>,
    patience: Patience,
    artifacts: Option<Arc<dyn ArtifactStore>>,
    tokens: Option<Arc<dyn AttemptTokens>>,
    log_limit: usize,
    call_timeout: Duration,
    resync: Duration,
    poll: Duration,
}

impl K8sExecutorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            connection: Connection::default(),
            requests_per_second: NonZeroU32::MIN.saturating_add(49),
            cluster: None,
            namespace: "leviathan".to_owned(),
            fleet: None,
            image: "leviathan-worker:local".to_owned(),
            pull_policy: None,
            service_account: None,
            control_plane_url: None,
            secrets: SecretRefs::default(),
            env: BTreeMap::new(),
            own_env: BTreeMap::new(),
            agent_env: Vec::new(),
            resources: WorkerResources::default(),
            default_deadline_seconds: NonZeroU64::MIN.saturating_add(3599),
            termination_grace_seconds: 30,
            pod_template: None,
            patience: Patience::default(),
            artifacts: None,
            tokens: None,
            log_limit: 2 * 1024 * 1024,
            call_timeout: Duration::from_secs(15),
            resync: Duration::from_secs(300),
            poll: Duration::from_secs(5),
        }
    }

    /// Uses a client of the host's as it is, instead of making one. Its rate limit and retries are the host's: best none
    /// of the latter, since each request here is made again by whoever asked for it.
    pub fn client(self, client: kube::Client) -> Self {
        Self { connection: Connection::Client(client), ..self }
    }

    /// Reaches the cluster as this kubeconfig says. Without this, [`in_cluster`](Self::in_cluster) or
    /// [`client`](Self::client) it is looked for as `kubectl` does.
    pub fn kubeconfig(self, path: impl Into<PathBuf>) -> Self {
        Self { connection: Connection::Kubeconfig(path.into()), ..self }
    }

    /// Reaches the cluster from within a pod of it, as the pod's service account.
    pub fn in_cluster(self) -> Self {
        Self { connection: Connection::InCluster, ..self }
    }

    /// How many requests a second are made at most (50), also by the watches.
    pub fn requests_per_second(self, requests_per_second: NonZeroU32) -> Self {
        Self { requests_per_second, ..self }
    }

    /// A name for the cluster within the executor's own, for a log that is worked on several clusters, one after the
    /// other or at once. It must stay the same for as long as attempts are open.
    pub fn cluster(self, name: impl Into<String>) -> Self {
        Self { cluster: Some(name.into()), ..self }
    }

    /// The namespace of Jobs, pods and Secrets (`leviathan`).
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// What tells this control plane's Jobs from another's in the same namespace: a label's value. The log's id is a good
    /// one.
    pub fn fleet(self, fleet: impl Into<String>) -> Self {
        Self { fleet: Some(fleet.into()), ..self }
    }

    /// The worker's image (`leviathan-worker:local`).
    pub fn image(self, image: impl Into<String>) -> Self {
        Self { image: image.into(), ..self }
    }

    /// When a node asks the registry for the image. Without it the cluster decides by the image's tag.
    pub fn pull_policy(self, policy: PullPolicy) -> Self {
        Self { pull_policy: Some(policy), ..self }
    }

    /// The service account of the pods. Its token is not given to them, so that it needs no rights; it may hold names of
    /// pull secrets.
    pub fn service_account(self, name: impl Into<String>) -> Self {
        Self { service_account: Some(name.into()), ..self }
    }

    /// Where workers reach the control plane's API.
    pub fn control_plane_url(self, url: impl Into<String>) -> Self {
        Self { control_plane_url: Some(url.into()), ..self }
    }

    /// The Secret that holds what workers need (`leviathan-secrets`).
    pub fn secret_name(self, name: impl Into<String>) -> Self {
        Self { secrets: SecretRefs { name: name.into(), ..self.secrets }, ..self }
    }

    /// The key of the API's token for workers, for attempts that get no token of their own. Without this it is
    /// `control-plane-token`, which is an operator's by its name and so is warned about: name a worker's.
    pub fn control_plane_token_key(self, key: impl Into<String>) -> Self {
        Self { secrets: SecretRefs { control_plane_token: key.into(), ..self.secrets }, ..self }
    }

    /// The key of the forge's token (`github-token`), or none where workers need no such token. A key that is named must
    /// be there.
    pub fn github_token_key(self, key: Option<String>) -> Self {
        Self { secrets: SecretRefs { github_token: key, ..self.secrets }, ..self }
    }

    /// The key of the model's key (`claude-api-key`), or none where workers need none. A key that is named must be there.
    pub fn claude_api_key_key(self, key: Option<String>) -> Self {
        Self { secrets: SecretRefs { claude_api_key: key, ..self.secrets }, ..self }
    }

    /// Makes a token for each attempt, in a Secret of its own that goes with its Job. Where the role does not allow
    /// `secrets: create` the configured key is used, and that is said once.
    pub fn tokens(self, tokens: Arc<dyn AttemptTokens>) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    /// The model's name.
    pub fn model(self, model: impl Into<String>) -> Self {
        self.own(worker_env::CLAUDE_MODEL, model)
    }

    /// A command line to run as the agent, else the worker's own.
    pub fn agent_command(self, command: impl Into<String>) -> Self {
        self.own(worker_env::AGENT_COMMAND, command)
    }

    /// Names of the variables that the agent may see.
    pub fn agent_env(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { agent_env: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// A further variable of the worker's environment. It stands in the Job for everybody to read: no secret.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// What a worker is given of a node.
    pub fn resources(self, resources: WorkerResources) -> Self {
        Self { resources, ..self }
    }

    /// Seconds for an attempt whose spec sets none (3600).
    pub fn default_deadline_seconds(self, seconds: NonZeroU64) -> Self {
        Self { default_deadline_seconds: seconds, ..self }
    }

    /// Seconds that a pod is given between being asked to stop and being killed (30), at a deadline and when it is
    /// cancelled. It stands in the pod, since setting another one later takes the right to delete pods.
    pub fn termination_grace_seconds(self, seconds: u32) -> Self {
        Self { termination_grace_seconds: seconds, ..self }
    }

    /// A pod template in YAML or JSON that is laid over ours as a strategic merge: lists of containers and variables by
    /// name, anything else replaced. Ours are the container `worker` and the volumes `workspace` and `tmp`. It may loosen
    /// what hardens the pod, but it can't change who the pod is: name, fleet and ids are set after it.
    pub fn pod_template(self, text: impl Into<String>) -> Self {
        Self { pod_template: Some(text.into()), ..self }
    }

    /// How long each thing that can hold up an attempt is waited for.
    pub fn patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Where the attempts' logs are kept.
    pub fn artifacts(self, artifacts: Arc<dyn ArtifactStore>) -> Self {
        Self { artifacts: Some(artifacts), ..self }
    }

    /// How many bytes of a log are kept (2 MiB): half of them from its beginning, half from its end. They are held in
    /// memory until the attempt ends.
    pub fn log_limit(self, bytes: usize) -> Self {
        Self { log_limit: bytes, ..self }
    }

    /// How long one answer of the API server is waited for (15 s).
    pub fn call_timeout(self, timeout: Duration) -> Self {
        Self { call_timeout: timeout, ..self }
    }

    /// How often everything is listed anew, whatever the watches say (5 minutes).
    pub fn resync(self, every: Duration) -> Self {
        Self { resync: every, ..self }
    }

    /// How often pods are listed while attempts are open, where the role forbids to watch them (5 s).
    pub fn poll(self, every: Duration) -> Self {
        Self { poll: every, ..self }
    }

    /// Checks everything, and begins to watch. Must be called on a tokio runtime, which the executor goes on to use.
    ///
    /// # Errors
    /// [`BuildError`], which names the field. Whether the cluster answers is not asked: what is wrong there is said by
    /// [`watch`](leviathan_core::executor::Executor::watch).
    pub async fn build(self) -> Result<K8sExecutor, BuildError> {
        let (connection, requests_per_second) = (self.connection.clone(), self.requests_per_second);
        let (name, config) = self.check()?;
        let client = connection.open(requests_per_second).await?;
        Ok(K8sExecutor::start(name, config, client))
    }

    fn own(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.own_env.insert(name, value.into());
        self
    }

    pub(crate) fn check(self) -> Result<(ExecutorName, Config), BuildError> {
        let missing = |field, why| BuildError::Missing { field, why };
        let fleet =
            self.fleet.ok_or(missing("fleet", "it tells this control plane's Jobs from another's"))?;
        let url = self.control_plane_url;
        let url = url.ok_or(missing("control_plane_url", "workers report to the API that is there"))?;
        let artifacts = self.artifacts.ok_or(missing("artifacts", "logs are kept there"))?;
        Check("namespace").dns_label(&self.namespace)?;
        Check("fleet").label_value(&fleet)?;
        Check("image").image(&self.image)?;
        Check("control_plane_url").http_url(&url)?;
        if let Some(cluster) = &self.cluster {
            Check("cluster").label_value(cluster)?;
        }
        if let Some(account) = &self.service_account {
            Check("service_account").dns_name(account)?;
        }
        check_secrets(&self.secrets)?;
        check_resources(&self.resources)?;
        let env = check_env(self.env, self.own_env, &self.agent_env)?;
        for (field, duration) in
            [("call_timeout", self.call_timeout), ("resync", self.resync), ("poll", self.poll)]
        {
            if duration.is_zero() {
                return Err(BuildError::invalid(field, "it must take some time"));
            }
        }
        let overlay = self.pod_template.as_deref().map_or(Ok(Overlay::default()), Overlay::parse)?;
        let cluster = self.cluster.map_or_else(String::new, |cluster| format!("{cluster}/"));
        let name = ExecutorName::new(format!("k8s:{cluster}{}/{fleet}", self.namespace))
            .map_err(|error| BuildError::invalid("fleet", error))?;
        let config = Config {
            namespace: self.namespace,
            fleet,
            image: self.image,
            pull_policy: self.pull_policy,
            service_account: self.service_account,
            control_plane_url: url,
            secrets: self.secrets,
            env,
            resources: self.resources,
            default_deadline_seconds: self.default_deadline_seconds,
            termination_grace_seconds: self.termination_grace_seconds,
            overlay,
            patience: self.patience,
            artifacts,
            tokens: self.tokens,
            log_limit: self.log_limit,
            call_timeout: self.call_timeout,
            resync: self.resync,
            poll: self.poll,
        };
        Ok((name, config))
    }
}

fn check_secrets(secrets: &SecretRefs) -> Result<(), BuildError> {
    Check("secret_name").dns_name(&secrets.name)?;
    Check("control_plane_token_key").secret_key(&secrets.control_plane_token)?;
    for (field, key) in
        [("github_token_key", &secrets.github_token), ("claude_api_key_key", &secrets.claude_api_key)]
    {
        key.as_deref().map_or(Ok(()), |key| Check(field).secret_key(key))?;
    }
    Ok(())
}

fn check_resources(resources: &WorkerResources) -> Result<(), BuildError> {
    let WorkerResources { cpu_request, cpu_limit, memory_request, memory_limit, disk } = resources;
    for quantity in [cpu_request, cpu_limit, memory_request, memory_limit, disk] {
        Check("resources").quantity(quantity)?;
    }
    Ok(())
}

/// The host's variables and ours. What says who a worker is, and its secrets, can't be set from outside.
fn check_env(
    env: BTreeMap<String, String>,
    own: BTreeMap<&'static str, String>,
    agent_env: &[String],
) -> Result<BTreeMap<String, String>, BuildError> {
    for name in env.keys() {
        Check("env").env_name(name)?;
        if RESERVED.contains(&name.as_str()) {
            let what = format_args!("{name} is set by the executor, or has a setting of its own");
            return Err(BuildError::invalid("env", what));
        }
    }
    for name in agent_env {
        Check("agent_env").env_name(name)?;
    }
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    let agent_env = (!agent_env.is_empty()).then(|| (worker_env::AGENT_ENV.to_owned(), agent_env.join(",")));
    Ok(env.into_iter().chain(own).chain(agent_env).collect())
}

const RESERVED: &[&str] = &[
    worker_env::TARGET_NAME,
    worker_env::TARGET_REPO_URL,
    worker_env::TARGET_BRANCH,
    worker_env::TARGET_COMMIT,
    worker_env::TASK_ID,
    worker_env::ATTEMPT_ID,
    worker_env::ATTEMPT_NUMBER,
    worker_env::DEADLINE_SECONDS,
    worker_env::LOG_HEAD,
    worker_env::CONTROL_PLANE_URL,
    worker_env::CONTROL_PLANE_TOKEN,
    worker_env::FORGE_KIND,
    worker_env::FORGE_API_URL,
    worker_env::GITHUB_TOKEN,
    worker_env::CLAUDE_API_KEY,
    worker_env::CLAUDE_MODEL,
    worker_env::AGENT_COMMAND,
    worker_env::AGENT_ENV,
    worker_env::WORKSPACE_DIR,
    worker_env::FINAL_MESSAGE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::artifact::MemoryArtifactStore;

    fn complete() -> K8sExecutorBuilder {
        K8sExecutor::builder()
            .fleet("log-1")
            .control_plane_url("http://leviathan-api:8000")
            .artifacts(Arc::new(MemoryArtifactStore::default()))
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_by_its_field() {
        let long = "x".repeat(64);
        let wrong = [
            ("fleet", K8sExecutor::builder()),
            ("control_plane_url", K8sExecutor::builder().fleet("f")),
            ("artifacts", K8sExecutor::builder().fleet("f").control_plane_url("http://a")),
            ("namespace", complete().namespace("Agents")),
            ("namespace", complete().namespace("")),
            ("fleet", complete().fleet(long)),
            ("cluster", complete().cluster("a/b")),
            ("image", complete().image("a b")),
            ("control_plane_url", complete().control_plane_url("leviathan-api:8000")),
            ("control_plane_url", complete().control_plane_url("http://user:hunter2@api")),
            ("service_account", complete().service_account("_")),
            ("secret_name", complete().secret_name("Secrets")),
            ("control_plane_token_key", complete().control_plane_token_key("")),
            ("github_token_key", complete().github_token_key(Some("a/b".into()))),
            ("claude_api_key_key", complete().claude_api_key_key(Some(" ".into()))),
            (
                "resources",
                complete().resources(WorkerResources { memory_limit: "4 GB".into(), ..Default::default() }),
            ),
            ("resources", complete().resources(WorkerResources { disk: "0".into(), ..Default::default() })),
            ("agent_env", complete().agent_env(["A B"])),
            ("env", complete().env("1A", "x")),
            ("env", complete().env("ATTEMPT_ID", "x")),
            ("env", complete().env("CONTROL_PLANE_TOKEN", "x")),
            ("pod_template", complete().pod_template("spec: {nodeSelectr: {}}")),
            ("poll", complete().poll(Duration::ZERO)),
        ];
        for (field, builder) in wrong {
            let error = builder.check().map(|_| ()).unwrap_err();
            assert!(error.to_string().contains(&format!("`{field}`")), "{field}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_name_says_cluster_namespace_and_fleet() {
        assert_eq!(complete().check().unwrap().0.as_str(), "k8s:leviathan/log-1");
        let (name, _) = complete().cluster("west").namespace("agents").check().unwrap();
        assert_eq!(name.as_str(), "k8s:west/agents/log-1");
    }

    #[test]
    fn the_configuration_shows_no_values_of_variables() {
        let (_, config) =
            complete().env("HOST_THING", "hunter2").agent_command("agent hunter2").check().unwrap();
        let shown = format!("{config:?}");
        assert!(shown.contains("HOST_THING") && !shown.contains("hunter2"), "{shown}");
    }
}
