//! The environment of a worker's container.

use super::pod_spec::{TMP_DIR, WORKSPACE_DIR};
use crate::config::Config;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, SecretKeySelector};
use leviathan_core::executor::{AttemptSpec, worker_env};
use leviathan_core::log::Head;
use std::collections::BTreeMap;

/// A key within a Secret of the executor's namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretKey {
    pub(crate) name: String,
    pub(crate) key: String,
}

/// Everything, secrets by reference. Sorted by name, as the same input gives the same bytes.
pub(super) fn whole_env(
    spec: &AttemptSpec,
    created: &Head,
    config: &Config,
    token: &SecretKey,
) -> Vec<EnvVar> {
    let mut env: BTreeMap<String, EnvVar> =
        config.env.iter().map(|(name, value)| (name.clone(), plain(name, value))).collect();
    let mut set = |variable: EnvVar| _ = env.insert(variable.name.clone(), variable);
    set(plain("HOME", TMP_DIR));
    set(plain(worker_env::WORKSPACE_DIR, WORKSPACE_DIR));
    set(plain(worker_env::CONTROL_PLANE_URL, &config.control_plane_url));
    set(secret(worker_env::CONTROL_PLANE_TOKEN, token));
    let secrets = &config.secrets;
    for (name, key) in [
        (worker_env::GITHUB_TOKEN, &secrets.github_token),
        (worker_env::CLAUDE_API_KEY, &secrets.claude_api_key),
    ] {
        if let Some(key) = key {
            set(secret(name, &SecretKey { name: secrets.name.clone(), key: key.clone() }));
        }
    }
    identity_env(spec, created, config).into_iter().for_each(set);
    env.into_values().collect()
}

/// What says who the worker is and what it is to do; no overlay changes it.
pub(super) fn identity_env(spec: &AttemptSpec, created: &Head, config: &Config) -> Vec<EnvVar> {
    let mut env = worker_env::attempt_env(spec, created);
    env.insert(worker_env::DEADLINE_SECONDS, deadline_seconds(spec, config).to_string());
    env.iter().map(|(name, value)| plain(name, value)).collect()
}

pub(super) fn deadline_seconds(spec: &AttemptSpec, config: &Config) -> u64 {
    spec.deadline_seconds.unwrap_or(config.default_deadline_seconds).get()
}

fn plain(name: &str, value: &str) -> EnvVar {
    // The cluster would put other variables in the place of `$(NAME)`; `$$` stands for a `$`.
    EnvVar { name: name.to_owned(), value: Some(value.replace("$(", "$$(")), value_from: None }
}

fn secret(name: &str, from: &SecretKey) -> EnvVar {
    let selector = SecretKeySelector { name: from.name.clone(), key: from.key.clone(), optional: None };
    let source = EnvVarSource { secret_key_ref: Some(selector), ..EnvVarSource::default() };
    EnvVar { name: name.to_owned(), value: None, value_from: Some(source) }
}
