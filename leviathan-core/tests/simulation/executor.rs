//! `SimExecutor`: the executor as one host reaches it. Its requests dawdle, fail, and lose their answers.

use super::fleet::Fleet;
use super::sim::Sim;
use super::storm::Fault;
use super::watch::watch;
use async_trait::async_trait;
use futures::stream::BoxStream;
use leviathan_core::executor::{AttemptSpec, Executor, ExecutorError, Observation};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::Head;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct SimExecutor {
    pub(crate) sim: Sim,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) host: usize,
}

impl SimExecutor {
    async fn request<T>(
        &self,
        act: impl Fn() -> Result<T, ExecutorError> + Send,
    ) -> Result<T, ExecutorError> {
        self.sim.dawdle().await;
        if self.sim.strikes(Fault::ExecutorUnavailable) {
            return Err(ExecutorError::unavailable("the executor is not there"));
        }
        let mut answer = act();
        if self.sim.strikes(Fault::CrashAtLaunch) {
            self.sim.die(self.host).await;
        }
        self.sim.dawdle().await;
        if self.sim.one_in(20) {
            // The request was sent once more on its way.
            answer = act();
        }
        if self.sim.strikes(Fault::ExecutorAnswerLost) {
            return Err(ExecutorError::unavailable("the executor's answer was lost"));
        }
        answer
    }
}

#[async_trait]
impl Executor for SimExecutor {
    fn name(&self) -> &ExecutorName {
        self.fleet.name()
    }

    async fn launch(&self, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
        self.request(|| self.fleet.launch(self.host, spec, created)).await
    }

    async fn cancel(&self, attempt: &AttemptId, grace: Duration) -> Result<(), ExecutorError> {
        self.request(|| {
            self.fleet.cancel(self.host, attempt, grace);
            Ok(())
        })
        .await
    }

    async fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        self.request(|| self.fleet.release(self.host, attempt)).await
    }

    fn watch(&self) -> BoxStream<'static, Result<Observation, ExecutorError>> {
        watch(self.sim.clone(), self.fleet.clone())
    }
}
