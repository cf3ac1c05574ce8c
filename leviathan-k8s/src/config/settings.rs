//! `Config`: everything that a Job is made of besides its attempt, and how the executor behaves.

use super::{Overlay, Patience, PullPolicy, SecretRefs, WorkerResources};
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::executor::AttemptTokens;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

/// A checked configuration. None of it is part of an attempt's spec.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) namespace: String,
    pub(crate) fleet: String,
    pub(crate) image: String,
    pub(crate) pull_policy: Option<PullPolicy>,
    pub(crate) service_account: Option<String>,
    pub(crate) control_plane_url: String,
    pub(crate) secrets: SecretRefs,
    /// Further plain variables of a worker's environment.
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) resources: WorkerResources,
    pub(crate) default_deadline_seconds: NonZeroU64,
    /// What a pod is given between being asked to stop and being killed.
    pub(crate) termination_grace_seconds: u32,
    pub(crate) overlay: Overlay,
    pub(crate) patience: Patience,
    pub(crate) artifacts: Arc<dyn ArtifactStore>,
    pub(crate) tokens: Option<Arc<dyn AttemptTokens>>,
    /// How many bytes of a log are kept.
    pub(crate) log_limit: usize,
    /// How long one answer of the API server is waited for.
    pub(crate) call_timeout: Duration,
    /// How often everything is listed anew, whatever the watches say.
    pub(crate) resync: Duration,
    /// How often pods are listed while attempts are open, where they may not be watched.
    pub(crate) poll: Duration,
}

impl fmt::Debug for Config {
    /// Without the values of variables: a host may have put anything there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("namespace", &self.namespace)
            .field("fleet", &self.fleet)
            .field("image", &self.image)
            .field("control_plane_url", &self.control_plane_url)
            .field("secrets", &self.secrets)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
