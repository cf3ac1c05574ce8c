//! `Cluster`: an API server of the test's own, and executors on it.

use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use leviathan_core::artifact::{ArtifactStore, MemoryArtifactStore, artifact_bytes};
use leviathan_core::executor::{End, Executor, FinalMessage, Observation, Phase, ReportedOutcome};
use leviathan_core::id::AttemptId;
use leviathan_k8s::{K8sExecutor, K8sExecutorBuilder};
use leviathan_test_kube_api::{FakeKube, Plan, env_of};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use crate::attempt::{CREATED, job_of, spec};

/// Longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An API server, and what outlives the executors on it.
pub(crate) struct Cluster {
    pub(crate) api: FakeKube,
    pub(crate) artifacts: Arc<MemoryArtifactStore>,
    starts: Arc<Mutex<BTreeMap<AttemptId, usize>>>,
}

impl Cluster {
    /// Its workers do what their task is called.
    pub(crate) fn start() -> Self {
        let starts: Arc<Mutex<BTreeMap<AttemptId, usize>>> = Arc::default();
        let count = starts.clone();
        let plans = move |job: &Job| {
            let attempt = AttemptId::new(env_of(job, "ATTEMPT_ID").unwrap()).unwrap();
            let plan = by_task(job, &attempt);
            *count.lock().unwrap().entry(attempt).or_default() += 1;
            plan
        };
        Self { api: FakeKube::with_plans(plans), artifacts: Arc::default(), starts }
    }

    pub(crate) fn builder(&self) -> K8sExecutorBuilder {
        K8sExecutor::builder()
            .client(self.api.client())
            .fleet("log-1")
            .control_plane_url("http://leviathan-api:8000")
            .control_plane_token_key("worker-token")
            .termination_grace_seconds(1)
            .poll(Duration::from_millis(100))
            .artifacts(self.artifacts.clone())
    }

    /// How many pods were made for an attempt.
    pub(crate) fn starts(&self, attempt: &AttemptId) -> usize {
        self.starts.lock().unwrap().get(attempt).copied().unwrap_or_default()
    }

    /// Waits until so many logs are followed.
    pub(crate) async fn followed(&self, logs: usize) {
        let follows = |api: &FakeKube| (api.open_follows() == logs).then_some(());
        self.api.until(&format!("{logs} logs that are followed"), follows).await;
    }

    /// The log that an attempt left, as text; nothing if it left none.
    pub(crate) async fn log_of(&self, end: &End) -> String {
        let Some(log) = end.artifacts.first() else { return String::new() };
        let log = self.artifacts.get(&log.sha256, None).await.unwrap();
        String::from_utf8(artifact_bytes(log, 1 << 20).await.unwrap().to_vec()).unwrap()
    }

    pub(crate) async fn executor(&self) -> K8sExecutor {
        self.builder().build().await.unwrap()
    }
}

/// What the suite's plans come to in a pod.
fn by_task(job: &Job, attempt: &AttemptId) -> Plan {
    match env_of(job, "TASK_ID").unwrap_or_default().as_str() {
        "succeed" => exits(attempt, 0, ReportedOutcome::Succeeded),
        "fail" => exits(attempt, 1, ReportedOutcome::Failed),
        "deaf" => Plan::Deaf,
        "hang" => Plan::Hangs,
        "held" => Plan::Held,
        "no-image" => waits("ImagePullBackOff", "Back-off pulling image \"leviathan-worker:local\""),
        "no-key" => {
            waits("CreateContainerConfigError", "couldn't find key github-token in Secret leviathan/secrets")
        }
        "no-node" => {
            Plan::Unschedulable { message: "0/1 nodes are available: 1 Insufficient cpu.".to_owned() }
        }
        "no-quota" => Plan::Denied { message: "exceeded quota: no-pods, requested: pods=1".to_owned() },
        other => panic!("no such work: {other}"),
    }
}

fn waits(reason: &str, message: &str) -> Plan {
    Plan::Waits { reason: reason.to_owned(), message: message.to_owned() }
}

fn exits(attempt: &AttemptId, code: i32, outcome: ReportedOutcome) -> Plan {
    let message = FinalMessage {
        v: 1,
        attempt_id: attempt.clone(),
        outcome,
        cause: None,
        branch: None,
        commit: None,
        pr_url: None,
        pr_number: None,
        summary: "as planned".to_owned(),
    };
    let message = String::from_utf8(message.to_bytes()).unwrap();
    Plan::Exits { code, message, log: format!("working on {attempt}\n") }
}

/// Waits, for as long as any of it may take.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it takes too long")
}

/// Watches until the attempt is like this.
pub(crate) async fn until(
    executor: &K8sExecutor,
    attempt: &AttemptId,
    like: impl Fn(&Phase) -> bool,
) -> Phase {
    soon(async {
        loop {
            let mut watch = executor.watch();
            // What keeps a watch from opening passes.
            while let Some(Ok(seen)) = watch.next().await {
                match seen {
                    Observation::Held(seen) if seen.attempt_id == *attempt && like(&seen.phase) => {
                        return seen.phase;
                    }
                    _ => {}
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

/// Watches until the attempt has ended.
pub(crate) async fn end_of(executor: &K8sExecutor, attempt: &AttemptId) -> End {
    match until(executor, attempt, |phase| matches!(phase, Phase::Finished(_))).await {
        Phase::Finished(end) => *end,
        phase => unreachable!("{phase:?}"),
    }
}

/// Watches until the attempt is held no more.
pub(crate) async fn gone(executor: &K8sExecutor, attempt: &AttemptId) {
    soon(async {
        let mut watch = executor.watch();
        let mut held = false;
        loop {
            match watch.next().await.expect("it lives").expect("the API server answers") {
                Observation::Held(seen) => held |= seen.attempt_id == *attempt,
                Observation::Gone(gone) if gone == *attempt => return,
                Observation::Synced if !held => return,
                _ => {}
            }
        }
    })
    .await;
}

/// Asks until it is done, as the scheduler does.
pub(crate) async fn done<F: Future<Output = Result<(), leviathan_core::executor::ExecutorError>>>(
    ask: impl Fn() -> F,
) {
    use leviathan_core::executor::ExecutorErrorKind::Unavailable;
    soon(async {
        while let Err(error) = ask().await {
            assert_eq!(error.kind(), Unavailable, "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
