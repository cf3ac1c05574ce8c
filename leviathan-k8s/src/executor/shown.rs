//! `Shown`: how one attempt stands, as the cluster shows it when it is asked.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};

/// How one attempt stands, as the cluster shows it when it is asked.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Its Job, or whatever has taken its name.
    pub(super) job: Option<Job>,
    /// All pods of it.
    pub(super) pods: Vec<Pod>,
    /// What is said of both, as far as it was asked for and may be read.
    pub(super) events: Vec<Event>,
}
