//! `K8sExecutor`: attempts as Kubernetes Jobs.

use crate::builder::K8sExecutorBuilder;
use crate::config::Config;
use leviathan_core::id::ExecutorName;
use std::fmt;

/// Attempts as Kubernetes Jobs of one fleet in one namespace.
pub struct K8sExecutor {
    name: ExecutorName,
    config: Config,
}

impl K8sExecutor {
    /// Says how the executor is configured.
    pub fn builder() -> K8sExecutorBuilder {
        K8sExecutorBuilder::new()
    }

    pub(crate) fn start(name: ExecutorName, config: Config, _client: kube::Client) -> Self {
        Self { name, config }
    }

    /// What one watch of it covers: `k8s:`, the cluster's name if it was given one, the namespace and the fleet.
    pub fn name(&self) -> &ExecutorName {
        &self.name
    }
}

impl fmt::Debug for K8sExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("K8sExecutor").field("name", &self.name).field("config", &self.config).finish()
    }
}
