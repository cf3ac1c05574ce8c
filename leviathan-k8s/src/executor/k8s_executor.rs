//! `K8sExecutor`: attempts as Kubernetes Jobs.

use super::cancel::cancel;
use super::follow::{follow, poll};
use super::launch::launch;
use super::minder::mind;
use super::release::release;
use super::shared::Shared;
use super::watch::watch;
use crate::builder::K8sExecutorBuilder;
use crate::config::{Config, DEFAULT_TOKEN_KEY};
use async_trait::async_trait;
use futures::stream::BoxStream;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError, Observation};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// Attempts as Kubernetes Jobs of one fleet in one namespace. They go on without the executor, and the next one of the same
/// [`name`](Executor::name) adopts them; several hosts may have one each at the same time.
///
/// An attempt that never starts is ended after a time of its own for each reason ([`Patience`](crate::Patience)), with what
/// to look at in its [`detail`](leviathan_core::executor::End::detail). The Jobs and pods of the fleet are watched once,
/// however many watches there are. Rights that the role lacks are missed once, said once through `tracing`, and lived
/// without: `docs/kubernetes.md` says what each is good for.
pub struct K8sExecutor {
    name: ExecutorName,
    shared: Arc<Shared>,
    tasks: Vec<AbortHandle>,
}

impl K8sExecutor {
    /// Says how the executor is configured.
    pub fn builder() -> K8sExecutorBuilder {
        K8sExecutorBuilder::new()
    }

    pub(crate) fn start(name: ExecutorName, config: Config, client: kube::Client) -> Self {
        if config.secrets.control_plane_token == DEFAULT_TOKEN_KEY {
            tracing::warn!(
                key = DEFAULT_TOKEN_KEY,
                "workers that get no token of their own get an operator's: name the key of one for workers"
            );
        }
        let shared = Arc::new(Shared::new(config, client));
        let jobs = tokio::spawn(follow_jobs(Arc::clone(&shared)));
        let pods = tokio::spawn(follow_pods(Arc::clone(&shared)));
        let minder = tokio::spawn(mind(Arc::clone(&shared)));
        let tasks = [jobs, pods, minder].iter().map(|task| task.abort_handle()).collect();
        Self { name, shared, tasks }
    }
}

async fn follow_jobs(shared: Arc<Shared>) {
    let Shared { cluster, config, board, .. } = shared.as_ref();
    let mirror = shared.as_ref();
    let error = follow::<Job>(cluster, config, mirror).await;
    tracing::warn!(%error, "Jobs are listed every {} s instead", config.poll.as_secs_f32());
    let never = tokio::sync::Notify::new();
    poll::<Job>(cluster, config, mirror, &never, board).await
}

async fn follow_pods(shared: Arc<Shared>) {
    let Shared { cluster, config, board, pods_poke, .. } = shared.as_ref();
    let mirror = board.as_ref();
    let error = follow::<Pod>(cluster, config, mirror).await;
    let every = config.poll.as_secs_f32();
    tracing::warn!(%error, "pods are listed when a Job changes, and every {every} s, instead");
    poll::<Pod>(cluster, config, mirror, pods_poke, board).await
}

#[async_trait]
impl Executor for K8sExecutor {
    /// What one watch of it covers: `k8s:`, the cluster's name if it was given one, the namespace and the fleet.
    fn name(&self) -> &ExecutorName {
        &self.name
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        launch(&self.shared, spec, created).await
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        cancel(&self.shared, attempt, grace).await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        release(&self.shared, attempt).await
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        watch(&self.shared.board)
    }
}

impl Drop for K8sExecutor {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for K8sExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("K8sExecutor").field("name", &self.name).field("config", &self.shared.config).finish()
    }
}
