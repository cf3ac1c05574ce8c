//! # Leviathan on Kubernetes
//!
//! [`K8sExecutor`] runs each attempt as a Job of its own. A Job outlives the scheduler that made it, and everything that a
//! restarted scheduler must know of it stands in the cluster, so a restart is nothing special.
//!
//! ```no_run
//! use leviathan_core::artifact::MemoryArtifactStore;
//! use leviathan_k8s::K8sExecutor;
//! use std::sync::Arc;
//!
//! # async fn open() -> Result<(), leviathan_k8s::BuildError> {
//! let executor = K8sExecutor::builder()
//!     .fleet("radix")
//!     .image("leviathan-worker:local")
//!     .control_plane_url("http://leviathan-api:8000")
//!     .control_plane_token_key("worker-token")
//!     .artifacts(Arc::new(MemoryArtifactStore::default()))
//!     .build()
//!     .await?;
//! # Ok(())
//! # }
//! ```

mod builder;
mod classify;
mod config;
mod connection;
mod executor;
mod job;
#[cfg(test)]
mod test_fixtures;
mod tls;

pub use builder::K8sExecutorBuilder;
pub use config::{BuildError, Patience, PullPolicy, WorkerResources};
pub use executor::K8sExecutor;
/// The client's crate, for [`K8sExecutorBuilder::client`].
pub use kube;
