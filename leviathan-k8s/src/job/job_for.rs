//! `job_for`: the Job of an attempt.

use super::identity::{annotations, labels};
use super::name::job_name;
use super::pod_spec::{WORKER, pod_spec};
use super::worker_env::{SecretKey, identity_env};
use crate::config::Config;
use k8s_openapi::DeepMerge;
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::log::Head;

/// How long a Job that nobody released stays: a safety net only, since the scheduler releases every end it recorded.
const TTL_SECONDS: i32 = 7 * 24 * 60 * 60;

/// The Job of an attempt. The same input gives the same bytes: launching twice makes the same Job.
///
/// `token` is where the worker finds its token for the API.
pub(crate) fn job_for(spec: &AttemptSpec, created: &Head, config: &Config, token: &SecretKey) -> Job {
    let labels = labels(spec, &config.fleet);
    let annotations = annotations(spec, created);
    let mut template = PodTemplateSpec {
        metadata: Some(ObjectMeta::default()),
        spec: Some(pod_spec(spec, created, config, token)),
    };
    template.merge_from(config.overlay.0.clone());
    // What an overlay must not change: who the pod is, that it runs once, and how long.
    let metadata = template.metadata.get_or_insert_default();
    metadata.name = None;
    metadata.namespace = None;
    metadata.labels.get_or_insert_default().extend(labels.clone());
    metadata.annotations.get_or_insert_default().extend(annotations.clone());
    let pod = template.spec.get_or_insert_default();
    let ours = pod_spec(spec, created, config, token);
    pod.restart_policy = ours.restart_policy;
    pod.active_deadline_seconds = ours.active_deadline_seconds;
    for container in pod.containers.iter_mut().filter(|container| container.name == WORKER) {
        container.termination_message_policy = Some("File".to_owned());
        container.termination_message_path = None;
        let env = container.env.get_or_insert_default();
        for variable in identity_env(spec, created, config) {
            env.retain(|other| other.name != variable.name);
            env.push(variable);
        }
        env.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Job {
        metadata: ObjectMeta {
            name: Some(job_name(&spec.attempt_id)),
            namespace: Some(config.namespace.clone()),
            labels: Some(labels),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(0),
            completions: Some(1),
            parallelism: Some(1),
            ttl_seconds_after_finished: Some(TTL_SECONDS),
            template,
            ..JobSpec::default()
        }),
        status: None,
    }
}

#[cfg(test)]
#[path = "job_for/tests.rs"]
mod tests;
