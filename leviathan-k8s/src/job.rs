//! The Job of an attempt: a pure function of its spec and the executor's configuration.

mod identity;
mod job_for;
mod name;
mod pod_spec;
mod worker_env;

pub(crate) use identity::{CONTROLLER_UID, Identity, fleet_label, fleet_selector};
pub(crate) use job_for::job_for;
pub(crate) use name::job_name;
pub(crate) use pod_spec::WORKER;
pub(crate) use worker_env::SecretKey;
