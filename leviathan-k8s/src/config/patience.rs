//! `Patience`: how long each thing that can hold up an attempt is waited for.

use std::time::Duration;

/// How long each thing that can hold up an attempt is waited for. Kubernetes itself waits for ever. When the time is over the
/// attempt ends with the cause, and its Job goes when it is released.
///
/// It is counted from when this executor saw it first, or, to the second, from when the cluster says that it began: an
/// executor that was opened later goes on counting. For `image_pull` and `configuration` the cluster does not say that. There a
/// later executor ends an attempt at the latest once `starting`, `image_pull` and `configuration` together are over since its
/// pod could start. What time it is in the cluster is known only by what its API server puts on the fleet's Jobs and pods, and
/// never by this machine's clock: where nothing of the fleet was made or changed meanwhile, a later executor counts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The cluster made no pod for the Job: a quota, an admission rule, a service account that is not there. The cluster
    /// tries again after 1, 2, 4, 8, 16 s and so on.
    pub no_pod: Duration,
    /// No node has room. A cluster that grows by need takes minutes.
    pub unschedulable: Duration,
    /// The image can't be pulled.
    pub image_pull: Duration,
    /// What the pod names is not there, or can't be used: a Secret or its key, an image that may not be pulled.
    pub configuration: Duration,
    /// The node has the pod and does not start it, for instance as a volume can't be mounted.
    pub starting: Duration,
    /// The node does not answer, or goes away with the pod on it.
    pub node: Duration,
    /// The end is near and how it came is not known yet: the pod's last state is on its way, or a sidecar goes on.
    pub settling: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            no_pod: seconds(60),
            unschedulable: seconds(600),
            image_pull: seconds(300),
            configuration: seconds(60),
            starting: seconds(600),
            node: seconds(300),
            settling: seconds(5),
        }
    }
}

impl Patience {
    /// The longest that an attempt may take before its worker runs.
    pub(crate) fn before_start(&self) -> Duration {
        self.no_pod + self.unschedulable + self.image_pull + self.configuration + self.starting
    }
}
