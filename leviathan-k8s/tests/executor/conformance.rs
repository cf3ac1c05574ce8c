//! The promises that every executor keeps, with all rights and with the fewest.

use crate::cluster::Cluster;
use k8s_openapi::api::rbac::v1::PolicyRule;
use leviathan_core::conformance::Harness;
use leviathan_core::conformance::executor::ExecutorHarness;
use leviathan_core::id::AttemptId;
use leviathan_k8s::K8sExecutor;
use std::cell::OnceCell;
use tokio::runtime::Runtime;

/// What a restart of the host leaves is in the cluster alone.
struct Mine {
    runtime: Runtime,
    rights: Vec<PolicyRule>,
    cluster: OnceCell<Cluster>,
}

impl Mine {
    fn with(rights: Vec<PolicyRule>) -> Self {
        Self { runtime: Runtime::new().unwrap(), rights, cluster: OnceCell::new() }
    }

    async fn open(&self) -> K8sExecutor {
        self.cluster.get().unwrap().executor().await
    }
}

impl Harness for Mine {
    type Subject = K8sExecutor;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        self.runtime.block_on(test)
    }

    async fn fresh(&self) -> K8sExecutor {
        let started = self.cluster.set(Cluster::start());
        assert!(started.is_ok(), "one for each test");
        self.cluster.get().unwrap().api.set_rights(&self.rights);
        self.open().await
    }

    async fn reopen(&self, executor: K8sExecutor) -> Option<K8sExecutor> {
        drop(executor);
        Some(self.open().await)
    }
}

impl ExecutorHarness for Mine {
    fn attempts_survive(&self) -> bool {
        true
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        Some(self.cluster.get()?.starts(attempt))
    }
}

mod with_all_rights {
    use super::Mine;
    leviathan_core::executor_suite!(Mine::with(leviathan_test_kube_api::wide()));
}

mod with_the_fewest_rights {
    use super::Mine;
    leviathan_core::executor_suite!(Mine::with(leviathan_test_kube_api::narrow()));
}
