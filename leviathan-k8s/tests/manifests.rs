//! What `ops/` ships: each manifest is what its kind says, the roles hold what the executor uses, and names are those that
//! the programs know.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what does not hold fails the test")]

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    ConfigMap, Container, EnvVar, LimitRange, Namespace, PersistentVolumeClaim, PodSpec, ResourceQuota,
    Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding};
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::executor::{AttemptSpec, Executor};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::{Hash, Head, Position};
use leviathan_k8s::K8sExecutor;
use leviathan_test_kube_api::{ACCOUNT, FakeKube, NAMESPACE, narrow, wide};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

/// Every document of every manifest, with its file's name.
fn documents() -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("ops/k8s")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        for document in std::fs::read_to_string(&path).unwrap().split("\n---\n") {
            let value = serde_saphyr::from_str(document).expect(&file);
            all.push((file.clone(), document.to_owned(), value));
        }
    }
    assert!(all.len() > 10, "{} documents", all.len());
    all
}

/// The document of a kind, read as its type.
fn one<T: DeserializeOwned>(file: &str, kind: &str) -> T {
    let found = documents().into_iter().find(|(its, _, value)| its == file && value["kind"] == kind);
    serde_json::from_value(found.unwrap_or_else(|| panic!("{kind} of {file}")).2).unwrap()
}

fn pod_of(deployment: Deployment) -> PodSpec {
    deployment.spec.unwrap().template.spec.unwrap()
}

fn deployments() -> Vec<PodSpec> {
    ["api.yaml", "scheduler.yaml"].map(|file| pod_of(one(file, "Deployment"))).into()
}

fn strictly<T: DeserializeOwned>(document: &str) -> Vec<String> {
    let value: Value = serde_saphyr::from_str(document).unwrap();
    let mut unknown = Vec::new();
    serde_ignored::deserialize::<_, _, T>(value, |path| unknown.push(path.to_string())).unwrap();
    unknown
}

#[test]
fn every_manifest_is_of_its_kind_with_no_field_that_it_does_not_know() {
    for (file, document, value) in documents() {
        let unknown = match value["kind"].as_str().unwrap() {
            "ConfigMap" => strictly::<ConfigMap>(&document),
            "Deployment" => strictly::<Deployment>(&document),
            "LimitRange" => strictly::<LimitRange>(&document),
            "Namespace" => strictly::<Namespace>(&document),
            "NetworkPolicy" => strictly::<NetworkPolicy>(&document),
            "PersistentVolumeClaim" => strictly::<PersistentVolumeClaim>(&document),
            "ResourceQuota" => strictly::<ResourceQuota>(&document),
            "Role" => strictly::<Role>(&document),
            "RoleBinding" => strictly::<RoleBinding>(&document),
            "Secret" => strictly::<Secret>(&document),
            "Service" => strictly::<Service>(&document),
            "ServiceAccount" => strictly::<ServiceAccount>(&document),
            other => panic!("{file}: no such kind: {other}"),
        };
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
        let metadata = &value["metadata"];
        let namespace = if value["kind"] == "Namespace" { &metadata["name"] } else { &metadata["namespace"] };
        assert_eq!(namespace, NAMESPACE, "{file}");
    }
}

/// Verb and resource of each right.
fn rights(rules: &[PolicyRule]) -> BTreeSet<(String, String, String)> {
    let mut rights = BTreeSet::new();
    for rule in rules {
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                for verb in &rule.verbs {
                    rights.insert((group.clone(), resource.clone(), verb.clone()));
                }
            }
        }
    }
    rights
}

#[test]
fn the_roles_are_those_that_the_executor_is_tested_with() {
    for (file, tested) in [("rbac.yaml", wide()), ("rbac-narrow.yaml", narrow())] {
        let role: Role = one(file, "Role");
        assert_eq!(rights(&role.rules.unwrap_or_default()), rights(&tested), "{file}");
        assert_eq!(role.metadata.name.as_deref(), Some(ACCOUNT));
    }
    let binding: RoleBinding = one("rbac.yaml", "RoleBinding");
    let subject = &binding.subjects.unwrap()[0];
    assert_eq!((subject.name.as_str(), subject.namespace.as_deref()), (ACCOUNT, Some(NAMESPACE)));
    assert_eq!(binding.role_ref.name, ACCOUNT);
    let scheduler: Deployment = one("scheduler.yaml", "Deployment");
    let spec = scheduler.spec.unwrap();
    assert_eq!(spec.replicas, Some(1));
    assert_eq!(spec.template.spec.unwrap().service_account_name.as_deref(), Some(ACCOUNT));
}

/// What stands behind a flag in the scheduler's arguments.
fn argument(flag: &str) -> String {
    let args = deployments()[1].containers[0].args.clone().unwrap();
    args.iter().skip_while(|arg| *arg != flag).nth(1).expect(flag).clone()
}

/// The Job that an executor makes which is told nothing that it need not be told.
async fn default_job() -> Job {
    let api = FakeKube::start();
    let executor = K8sExecutor::builder()
        .client(api.client())
        .fleet("log-1")
        .control_plane_url("http://leviathan-api:8000")
        .control_plane_token_key(argument("--worker-token-key"))
        .artifacts(Arc::new(MemoryArtifactStore::default()))
        .build()
        .await
        .unwrap();
    let spec = AttemptSpec {
        attempt_id: AttemptId::new("attempt-1").unwrap(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new("task").unwrap(),
        repo_url: "https://github.com/o/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        base_commit: "c0ffee".to_owned(),
        deadline_seconds: None,
        forge: Default::default(),
    };
    executor.launch(&spec, &Head { position: Position::new(1), hash: Hash::ZERO }).await.unwrap();
    assert_eq!(api.refused(), Vec::<String>::new());
    api.job("leviathan-attempt-1").unwrap()
}

fn secret_keys(pods: &[PodSpec]) -> BTreeSet<(String, String)> {
    let containers = pods.iter().flat_map(|pod| &pod.containers);
    let variables = containers.flat_map(|container| container.env.iter().flatten());
    let sources = variables.filter_map(|variable| variable.value_from.as_ref()?.secret_key_ref.as_ref());
    sources.map(|source| (source.name.clone(), source.key.clone())).collect()
}

#[tokio::test]
async fn names_are_those_of_the_jobs_that_the_executor_makes() {
    let job = default_job().await;
    assert_eq!(job.metadata.namespace.as_deref(), Some(NAMESPACE));
    let template = job.spec.unwrap().template;
    let pod = template.spec.unwrap();
    let secret: Secret = one("secret.template.yaml", "Secret");
    let name = secret.metadata.name.unwrap();
    let kept: BTreeSet<(String, String)> =
        secret.string_data.unwrap().into_keys().map(|key| (name.clone(), key)).collect();
    let mut used = secret_keys(&deployments());
    used.extend(secret_keys(std::slice::from_ref(&pod)));
    assert_eq!(used, kept, "each key is used, and each that is used is there");
    let policy: NetworkPolicy = one("network-policy.yaml", "NetworkPolicy");
    let labels = template.metadata.unwrap().labels.unwrap();
    let selected = policy.spec.unwrap().pod_selector.unwrap().match_labels.unwrap();
    assert!(!selected.is_empty());
    assert!(selected.iter().all(|(label, value)| labels.get(label) == Some(value)), "{labels:?}");
    let service: Service = one("api.yaml", "Service");
    let port = service.spec.unwrap().ports.unwrap()[0].port;
    let url = format!("http://{}:{port}", service.metadata.name.unwrap());
    let scheduler = &deployments()[1].containers[0];
    assert_eq!(value_of(scheduler, "LEVIATHAN_CONTROL_PLANE_URL"), Some(url));
    assert_eq!(value_of(scheduler, "LEVIATHAN_EXECUTOR_IMAGE"), pod.containers[0].image);
}

#[tokio::test]
async fn our_pods_keep_to_the_standard_that_the_namespace_enforces() {
    let namespace: Namespace = one("namespace.yaml", "Namespace");
    let labels = namespace.metadata.labels.unwrap();
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    let mut pods = deployments();
    pods.push(default_job().await.spec.unwrap().template.spec.unwrap());
    for pod in pods {
        let whole = pod.security_context.unwrap();
        assert_eq!(whole.run_as_non_root, Some(true));
        assert_eq!(whole.seccomp_profile.unwrap().type_, "RuntimeDefault");
        for container in pod.containers {
            let its = container.security_context.unwrap();
            assert_eq!(its.allow_privilege_escalation, Some(false));
            assert_eq!(its.capabilities.unwrap().drop, Some(vec!["ALL".to_owned()]));
            assert!(container.resources.unwrap().limits.is_some());
        }
    }
}

fn value_of(container: &Container, name: &str) -> Option<String> {
    container.env.iter().flatten().find(|variable| variable.name == name)?.value.clone()
}

#[test]
fn no_manifest_holds_a_secret() {
    let secret: Secret = one("secret.template.yaml", "Secret");
    assert_eq!(secret.data, None);
    assert!(secret.string_data.unwrap().values().all(String::is_empty));
    let secrets = documents().into_iter().filter(|(_, _, value)| value["kind"] == "Secret").count();
    assert_eq!(secrets, 1);
    for pod in deployments() {
        for variable in pod.containers.iter().flat_map(|container| container.env.iter().flatten()) {
            let secret = ["TOKEN", "KEY", "POSTGRES_URL"].iter().any(|word| variable.name.contains(word));
            let kept = variable.value_from.is_some() && variable.value.is_none();
            assert_eq!(secret, kept, "{}", variable.name);
        }
    }
}

/// The text of all programs in `examples/`.
fn programs(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&programs(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    text
}

#[test]
fn each_variable_is_one_that_the_programs_read() {
    let programs = programs(&root().join("examples"));
    for pod in deployments() {
        for variable in pod.containers.iter().flat_map(|container| container.env.iter().flatten()) {
            let known =
                programs.contains(&format!("\"{}\"", variable.name)) || variable.name == "GITHUB_TOKEN";
            assert!(known, "no program reads {}", variable.name);
        }
    }
}

#[test]
fn scheduler_and_api_have_one_log_one_place_for_artifacts_and_the_same_tokens() {
    let pods = deployments();
    let environment = |pod: &PodSpec| -> BTreeMap<String, EnvVar> {
        pod.containers[0].env.iter().flatten().map(|env| (env.name.clone(), env.clone())).collect()
    };
    let (api, scheduler) = (environment(&pods[0]), environment(&pods[1]));
    for name in [
        "LEVIATHAN_ARTIFACTS_URL",
        "LEVIATHAN_BACKEND",
        "LEVIATHAN_LOG",
        "LEVIATHAN_POSTGRES_URL",
        "LEVIATHAN_TOKEN_KEY",
    ] {
        assert!(api.contains_key(name) && scheduler.contains_key(name), "{name}");
    }
    for (name, its) in &api {
        assert!(scheduler.get(name).is_none_or(|other| other == its), "{name} is not the same");
    }
    // A directory is the same one only if both have mounted it.
    let url = api["LEVIATHAN_ARTIFACTS_URL"].value.clone().unwrap();
    let directory = PathBuf::from(url.strip_prefix("file://").unwrap());
    let claims = pods.iter().map(|pod| {
        let mounts = pod.containers[0].volume_mounts.iter().flatten();
        let mount = mounts.into_iter().find(|mount| directory.starts_with(&mount.mount_path)).unwrap();
        let volume = pod.volumes.iter().flatten().find(|volume| volume.name == mount.name).unwrap();
        let claim = volume.persistent_volume_claim.as_ref().unwrap();
        (mount.mount_path.clone(), claim.claim_name.clone())
    });
    assert_eq!(claims.collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn the_scheduler_is_told_what_its_command_line_knows() {
    let args = deployments()[1].containers[0].args.clone().unwrap();
    assert_eq!(args[..3], ["--executor", "k8s", "--watch"]);
    let cli = read("examples/host/cli.rs") + &read("examples/host/cluster.rs");
    for flag in args.iter().filter_map(|arg| arg.strip_prefix("--")) {
        assert!(cli.contains(&format!("pub(crate) {}:", flag.replace('-', "_"))), "--{flag}");
    }
}

#[test]
fn dockerfiles_build_and_start_programs_of_the_workspace() {
    for (file, manifest, table, folder) in [
        ("ops/executor/Dockerfile", "leviathan-worker/Cargo.toml", "[[bin]]", "release/"),
        ("ops/control-plane/Dockerfile", "examples/Cargo.toml", "[[example]]", "release/examples/"),
    ] {
        let (dockerfile, manifest) = (read(file), read(manifest));
        let told = dockerfile.lines().filter(|line| !line.starts_with('#'));
        let dockerfile: String = told.map(|line| format!("{line}\n")).collect();
        let flag = if table == "[[bin]]" { "--bin" } else { "--example" };
        let words: Vec<&str> = dockerfile.split_whitespace().collect();
        let after = |word: &str| -> Vec<&str> {
            words.windows(2).filter(|pair| pair[0] == word).map(|pair| pair[1]).collect()
        };
        let built = after(flag);
        assert!(!built.is_empty(), "{file}");
        for program in built {
            assert!(manifest.contains(&format!("{table}\nname = \"{program}\"")), "{file}: {program}");
            let copied = format!("COPY --from=build /src/target/{folder}{program} /usr/local/bin/{program}");
            assert!(dockerfile.contains(&copied), "{file}: {program}");
        }
        for feature in after("--features").iter().flat_map(|features| features.split(',')) {
            assert!(manifest.contains(&format!("\n{feature} = [")), "{file}: no feature {feature}");
        }
        assert!(dockerfile.contains("\nUSER 10001:10001\n"), "{file} runs as root");
        assert!(dockerfile.contains("ca-certificates git"), "{file}");
        for image in after("FROM") {
            assert!(image.contains(':') && !image.ends_with(":latest"), "{file}: {image} has no version");
        }
    }
    for pod in deployments() {
        for container in pod.containers {
            let program = container.command.unwrap()[0].clone();
            assert!(read("ops/control-plane/Dockerfile").contains(&format!(" {program}\n")), "{program}");
            let image = container.image.unwrap();
            assert!(image.contains(':') && !image.ends_with(":latest"), "{image}");
        }
    }
}
