//! The promises that every executor keeps, with the role that is shipped and with the least one.

use crate::place::Place;
use crate::shipped::Rights;
use leviathan_core::conformance::Harness;
use leviathan_core::conformance::executor::ExecutorHarness;
use leviathan_core::id::AttemptId;
use leviathan_k8s::K8sExecutor;
use std::cell::OnceCell;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A namespace for each promise. What a restart of the host leaves is in the cluster alone.
struct Mine {
    place: OnceCell<Place>,
    runtime: Runtime,
    rights: Rights,
}

impl Mine {
    fn with(rights: Rights) -> Self {
        Self { place: OnceCell::new(), runtime: Runtime::new().unwrap(), rights }
    }
}

impl Harness for Mine {
    type Subject = K8sExecutor;

    fn block_on<F: Future>(&self, test: F) -> F::Output {
        self.runtime.block_on(test)
    }

    async fn fresh(&self) -> K8sExecutor {
        assert!(self.place.set(Place::with(self.rights).await).is_ok(), "one for each test");
        self.place.get().unwrap().executor().await
    }

    async fn reopen(&self, executor: K8sExecutor) -> Option<K8sExecutor> {
        drop(executor);
        Some(self.place.get().unwrap().executor().await)
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(900)
    }
}

impl ExecutorHarness for Mine {
    fn attempts_survive(&self) -> bool {
        true
    }

    fn starts(&self, attempt: &AttemptId) -> Option<usize> {
        Some(self.place.get()?.starts.of(attempt))
    }
}

mod with_the_role_that_is_shipped {
    use super::{Mine, Rights};
    leviathan_core::executor_suite!(Mine::with(Rights::Wide));
}

mod with_the_least_role {
    use super::{Mine, Rights};
    leviathan_core::executor_suite!(Mine::with(Rights::Narrow));
}
