//! What an executor is told by its host, checked and complete. [`K8sExecutorBuilder`](crate::K8sExecutorBuilder) makes it.

mod build_error;
mod check;
mod overlay;
mod patience;
mod pull_policy;
mod secret_refs;
mod settings;
mod worker_resources;

pub use build_error::BuildError;
pub(crate) use check::Check;
pub(crate) use overlay::Overlay;
pub use patience::Patience;
pub use pull_policy::PullPolicy;
pub(crate) use secret_refs::{DEFAULT_TOKEN_KEY, SecretRefs};
pub(crate) use settings::Config;
pub use worker_resources::WorkerResources;
