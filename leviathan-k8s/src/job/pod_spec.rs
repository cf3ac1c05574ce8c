//! The pod of a worker before an operator's overlay: one container, nothing that it does not need.

use super::worker_env::{SecretKey, deadline_seconds, whole_env};
use crate::config::{Config, PullPolicy, WorkerResources};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, EmptyDirVolumeSource, PodSecurityContext, PodSpec, ResourceRequirements,
    SeccompProfile, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::log::Head;
use std::collections::BTreeMap;

/// The container that does the work.
pub(crate) const WORKER: &str = "worker";
pub(super) const WORKSPACE_DIR: &str = "/workspace";
pub(super) const TMP_DIR: &str = "/tmp";
/// Whom a worker runs as: nobody that an image is likely to know.
const USER: i64 = 10001;

pub(super) fn pod_spec(spec: &AttemptSpec, created: &Head, config: &Config, token: &SecretKey) -> PodSpec {
    let worker = Container {
        name: WORKER.to_owned(),
        image: Some(config.image.clone()),
        image_pull_policy: config.pull_policy.map(PullPolicy::as_str).map(str::to_owned),
        env: Some(whole_env(spec, created, config, token)),
        resources: Some(resources(&config.resources)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            privileged: Some(false),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        // The worker's last word comes from its file alone, never from its log.
        termination_message_policy: Some("File".to_owned()),
        volume_mounts: Some(vec![mount("workspace", WORKSPACE_DIR), mount("tmp", TMP_DIR)]),
        ..Container::default()
    };
    PodSpec {
        // Of the pod: a deadline of the Job would delete the pod, and its log with it.
        active_deadline_seconds: Some(i64::try_from(deadline_seconds(spec, config)).unwrap_or(i64::MAX)),
        automount_service_account_token: Some(false),
        containers: vec![worker],
        enable_service_links: Some(false),
        restart_policy: Some("Never".to_owned()),
        security_context: Some(PodSecurityContext {
            fs_group: Some(USER),
            run_as_group: Some(USER),
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                localhost_profile: None,
            }),
            ..PodSecurityContext::default()
        }),
        service_account_name: config.service_account.clone(),
        termination_grace_period_seconds: Some(i64::from(config.termination_grace_seconds)),
        volumes: Some(["workspace", "tmp"].map(|name| empty_dir(name, &config.resources.disk)).into()),
        ..PodSpec::default()
    }
}

fn resources(resources: &WorkerResources) -> ResourceRequirements {
    let amounts = |cpu: &str, memory: &str, disk: &str| -> BTreeMap<String, Quantity> {
        [("cpu", cpu), ("memory", memory), ("ephemeral-storage", disk)]
            .map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned())))
            .into()
    };
    let WorkerResources { cpu_request, cpu_limit, memory_request, memory_limit, disk } = resources;
    ResourceRequirements {
        requests: Some(amounts(cpu_request, memory_request, "0")),
        limits: Some(amounts(cpu_limit, memory_limit, disk)),
        claims: None,
    }
}

fn mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount { name: volume.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}

fn empty_dir(name: &str, size: &str) -> Volume {
    let source = EmptyDirVolumeSource { medium: None, size_limit: Some(Quantity(size.to_owned())) };
    Volume { name: name.to_owned(), empty_dir: Some(source), ..Volume::default() }
}
