//! What the Job of an attempt looks like, and what nobody can change about it.

use super::*;
use crate::K8sExecutor;
use crate::builder::K8sExecutorBuilder;
use crate::config::PullPolicy;
use leviathan_core::ForgeConfig;
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use proptest::prelude::*;
use serde_json::Value;
use std::num::NonZeroU64;
use std::sync::Arc;

fn builder() -> K8sExecutorBuilder {
    K8sExecutor::builder()
        .fleet("log-1")
        .control_plane_url("http://leviathan-api:8000")
        .control_plane_token_key("worker-token")
        .artifacts(Arc::new(MemoryArtifactStore::default()))
}

fn config(builder: K8sExecutorBuilder) -> Config {
    builder.check().unwrap().1
}

fn spec(task: &str) -> AttemptSpec {
    AttemptSpec {
        attempt_id: AttemptId::new("attempt-0123456789abcdef").unwrap(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new(task).unwrap(),
        repo_url: "https://github.com/o/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        base_commit: "c0ffee".to_owned(),
        deadline_seconds: None,
        forge: ForgeConfig::Github { api_url: "https://api.github.com".to_owned() },
    }
}

fn token() -> SecretKey {
    SecretKey { name: "leviathan-secrets".to_owned(), key: "worker-token".to_owned() }
}

fn made(spec: &AttemptSpec, config: &Config) -> Job {
    job_for(spec, &Head::EMPTY, config, &token())
}

fn json(job: &Job) -> Value {
    serde_json::to_value(job).unwrap()
}

fn env_of(job: &Job) -> Vec<(String, Option<String>)> {
    let spec = job.spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    let worker = spec.containers.iter().find(|container| container.name == WORKER).unwrap();
    let env = worker.env.as_ref().unwrap();
    env.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect()
}

#[test]
fn the_job_of_a_plain_configuration() {
    let job = made(&spec("docs-guide"), &config(builder()));
    insta::assert_snapshot!("plain", serde_json::to_string_pretty(&job).unwrap());
}

#[test]
fn the_job_of_a_full_configuration() {
    let builder = builder()
        .namespace("agents")
        .image("registry.example/worker:1")
        .pull_policy(PullPolicy::Always)
        .service_account("puller")
        .model("a-model")
        .agent_command("my-agent --print")
        .agent_env(["LEVIATHAN_CLAUDE_API_KEY", "LANG"])
        .env("LANG", "C.UTF-8")
        .github_token_key(None)
        .termination_grace_seconds(5)
        .pod_template(
            "metadata: {labels: {team: tools}}\nspec:\n  nodeSelector: {disk: ssd}\n  tolerations: [{key: agents, operator: Exists}]\n  containers:\n  - name: worker\n    volumeMounts: [{name: cache, mountPath: /cache}]\n  - {name: proxy, image: proxy}\n  volumes: [{name: cache, emptyDir: {}}]\n",
        );
    let spec = AttemptSpec { deadline_seconds: NonZeroU64::new(1800), ..spec("docs-guide") };
    let job = made(&spec, &config(builder));
    insta::assert_snapshot!("full", serde_json::to_string_pretty(&job).unwrap());
}

#[test]
fn an_overlay_cannot_change_who_the_pod_is_how_often_it_runs_or_how_long() {
    let hostile = "metadata: {name: other, namespace: elsewhere, labels: {leviathan/fleet: other, leviathan/attempt: other}, annotations: {leviathan/attempt-id: other, leviathan/spec-sha256: other}}\nspec:\n  restartPolicy: OnFailure\n  activeDeadlineSeconds: 9\n  containers:\n  - name: worker\n    terminationMessagePolicy: FallbackToLogsOnError\n    terminationMessagePath: /workspace/x\n    env: [{name: ATTEMPT_ID, value: other}, {name: TASK_ID, value: other}, {name: LANG, value: C}]\n";
    let plain = json(&made(&spec("docs"), &config(builder().env("LANG", "C"))));
    let changed = json(&made(&spec("docs"), &config(builder().pod_template(hostile))));
    assert_eq!(changed, plain);
}

#[test]
fn an_overlay_may_change_what_hardens_the_pod() {
    let looser = "spec: {securityContext: {runAsUser: 7}, containers: [{name: worker, securityContext: {readOnlyRootFilesystem: false}}]}";
    let job = json(&made(&spec("docs"), &config(builder().pod_template(looser))));
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsUser"], 7);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], false);
}

#[test]
fn secrets_are_named_and_never_written() {
    let job = made(&spec("docs"), &config(builder()));
    let pod = job.spec.unwrap().template.spec.unwrap();
    let env = pod.containers[0].env.clone().unwrap();
    let named: Vec<_> = env
        .iter()
        .filter_map(|variable| {
            let from = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
            assert_eq!(variable.value, None);
            Some((variable.name.as_str(), from.name.as_str(), from.key.as_str(), from.optional))
        })
        .collect();
    assert_eq!(
        named,
        [
            ("CONTROL_PLANE_TOKEN", "leviathan-secrets", "worker-token", None),
            ("GITHUB_TOKEN", "leviathan-secrets", "github-token", None),
            ("LEVIATHAN_CLAUDE_API_KEY", "leviathan-secrets", "claude-api-key", None),
        ]
    );
}

#[test]
fn the_full_ids_and_the_specs_hash_are_read_back() {
    let spec = AttemptSpec { attempt_id: AttemptId::new("Попытка 1").unwrap(), ..spec("docs") };
    let mut job = made(&spec, &config(builder()));
    job.metadata.uid = Some("uid-1".to_owned());
    let identity = crate::job::Identity::of(&job, "log-1").unwrap();
    assert_eq!((&identity.attempt_id, identity.spec_sha256), (&spec.attempt_id, spec.hash().to_string()));
    assert_eq!(crate::job::Identity::of(&job, "log-2"), None, "it is of another fleet");
    job.metadata.name = Some("leviathan-other".to_owned());
    assert_eq!(crate::job::Identity::of(&job, "log-1"), None, "it is not named as we would");
}

#[test]
fn nothing_in_a_repositorys_url_is_taken_for_a_variable() {
    let spec = AttemptSpec { repo_url: "file:///$(GITHUB_TOKEN)".to_owned(), ..spec("docs") };
    let env = env_of(&made(&spec, &config(builder())));
    let url = env.iter().find(|(name, _)| name == "TARGET_REPO_URL").unwrap();
    assert_eq!(url.1.as_deref(), Some("file:///$$(GITHUB_TOKEN)"));
}

proptest! {
    #[test]
    fn whatever_a_task_is_called_its_job_is_valid_and_the_same_each_time(task in "\\PC{1,300}") {
        let (spec, config) = (spec(&task), config(builder()));
        let job = made(&spec, &config);
        prop_assert_eq!(json(&job), json(&made(&spec, &config)));
        let labels = job.metadata.labels.as_ref().unwrap();
        for value in labels.values() {
            prop_assert!(crate::config::Check("test").label_value(value).is_ok(), "{value}");
        }
        prop_assert_eq!(&job.metadata.annotations.as_ref().unwrap()["leviathan/task-id"], &task);
        let told = env_of(&job).into_iter().find(|(name, _)| name == "TASK_ID").unwrap().1.unwrap();
        prop_assert_eq!(told.replace("$$(", "$("), task);
    }
}
