//! The Secret of one attempt, which holds its token and goes with its Job.

use crate::config::Config;
use crate::job::{SecretKey, WORKER, fleet_label};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use leviathan_core::executor::{AttemptTokens, worker_env};
use leviathan_core::id::AttemptId;
use leviathan_core::{Secret as Token, Timestamp};
use std::time::{Duration, SystemTime};

const KEY: &str = "token";

/// Where the worker of this Job finds the token of its attempt.
pub(super) fn own_key(job_name: &str) -> SecretKey {
    SecretKey { name: format!("{job_name}-token"), key: KEY.to_owned() }
}

/// Whether a Job's worker waits for a Secret of its attempt's own.
pub(super) fn needs_own(job: &Job) -> bool {
    let own = own_key(job.metadata.name.as_deref().unwrap_or_default());
    let pod = job.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let worker = pod.and_then(|pod| pod.containers.iter().find(|container| container.name == WORKER));
    let env = worker.and_then(|worker| worker.env.as_ref()).into_iter().flatten();
    let mut from = env
        .filter(|variable| variable.name == worker_env::CONTROL_PLANE_TOKEN)
        .filter_map(|variable| variable.value_from.as_ref()?.secret_key_ref.as_ref());
    from.any(|key| key.name == own.name)
}

/// When the token of a Job's attempt expires: after all that may come before its worker runs, its deadline and its grace.
fn expires(job: &Job, config: &Config, now: Timestamp) -> Timestamp {
    let pod = job.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let deadline =
        pod.and_then(|pod| pod.active_deadline_seconds).and_then(|seconds| u64::try_from(seconds).ok());
    let deadline = deadline.unwrap_or(config.default_deadline_seconds.get());
    let lasts = config.patience.before_start()
        + Duration::from_secs(deadline.min(YEAR))
        + Duration::from_secs(config.termination_grace_seconds.into());
    now + lasts.min(Duration::from_secs(2 * YEAR))
}

const YEAR: u64 = 365 * 24 * 60 * 60;

/// The Secret of a Job that was created. Whoever deletes the Job deletes it too.
pub(super) fn secret_for(
    job: &Job,
    attempt: &AttemptId,
    tokens: &dyn AttemptTokens,
    config: &Config,
) -> Secret {
    let job_name = job.metadata.name.clone().unwrap_or_default();
    let owner = OwnerReference {
        api_version: "batch/v1".to_owned(),
        kind: "Job".to_owned(),
        name: job_name.clone(),
        uid: job.metadata.uid.clone().unwrap_or_default(),
        ..OwnerReference::default()
    };
    let token = tokens.token_for(attempt, expires(job, config, SystemTime::now().into()));
    secret(own_key(&job_name).name, Some(owner), &token, config)
}

/// A Secret of the same kind that holds nothing, for finding out whether one may be created.
pub(super) fn sample(config: &Config) -> Secret {
    secret("leviathan-attempt-sample-token".to_owned(), None, &Token::new(""), config)
}

fn secret(name: String, owner: Option<OwnerReference>, token: &Token, config: &Config) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some(name),
            namespace: Some(config.namespace.clone()),
            labels: Some([fleet_label(&config.fleet)].into()),
            owner_references: owner.map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        immutable: Some(true),
        string_data: Some([(KEY.to_owned(), token.expose().to_owned())].into()),
        ..Secret::default()
    }
}
