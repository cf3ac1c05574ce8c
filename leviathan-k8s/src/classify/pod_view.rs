//! `PodView`: what a pod's status says of its worker.

use crate::job::WORKER;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateTerminated, ContainerStatus, Pod, PodCondition, PodStatus,
};
use k8s_openapi::jiff::Timestamp;

#[derive(Clone, Copy)]
pub(crate) struct PodView<'a>(pub(crate) &'a Pod);

impl<'a> PodView<'a> {
    pub(super) fn phase(&self) -> &'a str {
        self.status().and_then(|status| status.phase.as_deref()).unwrap_or_default()
    }

    pub(super) fn reason(&self) -> &'a str {
        self.status().and_then(|status| status.reason.as_deref()).unwrap_or_default()
    }

    pub(super) fn message(&self) -> &'a str {
        self.status().and_then(|status| status.message.as_deref()).unwrap_or_default().trim()
    }

    pub(super) fn node(&self) -> Option<&'a str> {
        self.0.spec.as_ref()?.node_name.as_deref()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.0.metadata.deletion_timestamp.is_some()
    }

    /// How the worker's container ended.
    pub(crate) fn worker_end(&self) -> Option<&'a ContainerStateTerminated> {
        self.worker()?.state.as_ref()?.terminated.as_ref()
    }

    pub(crate) fn worker_runs(&self) -> bool {
        self.worker().and_then(|worker| worker.state.as_ref()).is_some_and(|state| state.running.is_some())
    }

    /// Whether the worker's container ever ran, so that there must be a log.
    pub(crate) fn worker_ran(&self) -> bool {
        let ran = |state: &ContainerState| {
            let ended = state.terminated.as_ref();
            state.running.is_some() || ended.is_some_and(|ended| ended.reason.as_deref() != Some(START_ERROR))
        };
        let worker = self.worker();
        worker.is_some_and(|worker| [&worker.state, &worker.last_state].into_iter().flatten().any(ran))
    }

    /// The image of the container that `select` picks from those of the pod, the ones that run first being first.
    pub(super) fn waiting(&self) -> Option<Waiting<'a>> {
        self.init_containers().iter().chain(self.containers()).find_map(|container| {
            let waiting = container.state.as_ref()?.waiting.as_ref()?;
            Some(Waiting {
                container: &container.name,
                image: self.image_of(&container.name),
                reason: waiting.reason.as_deref().unwrap_or_default(),
                message: waiting.message.as_deref().unwrap_or_default(),
            })
        })
    }

    /// The init container that failed, and how.
    pub(super) fn failed_init(&self) -> Option<(&'a str, &'a ContainerStateTerminated)> {
        self.init_containers().iter().find_map(|container| {
            let ended = container.state.as_ref()?.terminated.as_ref()?;
            (ended.exit_code != 0).then_some((container.name.as_str(), ended))
        })
    }

    /// When its init containers ended, as far as they have.
    pub(super) fn init_ends(&self) -> impl Iterator<Item = Timestamp> + use<'a> {
        self.init_containers().iter().filter_map(|container| {
            Some(container.state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?.0)
        })
    }

    pub(super) fn init_runs(&self) -> bool {
        let runs = |container: &ContainerStatus| {
            container.state.as_ref().is_some_and(|state| state.running.is_some())
        };
        self.init_containers().iter().any(runs)
    }

    /// Why somebody is taking the pod away.
    pub(super) fn disruption(&self) -> Option<(&'a str, &'a str)> {
        let condition = self.condition("DisruptionTarget").filter(|condition| condition.status == "True")?;
        Some((
            condition.reason.as_deref().unwrap_or_default(),
            condition.message.as_deref().unwrap_or_default(),
        ))
    }

    /// Whether its node has stopped answering: then the pod is set unready from afar, while its containers still count
    /// as ready, and no reason is given.
    pub(super) fn node_is_silent(&self) -> bool {
        let is = |kind: &str, status: &str| {
            self.condition(kind)
                .is_some_and(|condition| condition.status == status && condition.reason.is_none())
        };
        is("Ready", "False") && is("ContainersReady", "True")
    }

    pub(super) fn condition(&self, kind: &str) -> Option<&'a PodCondition> {
        self.status()?.conditions.as_ref()?.iter().find(|condition| condition.type_ == kind)
    }

    pub(super) fn worker_image(&self) -> &'a str {
        self.image_of(WORKER)
    }

    fn image_of(&self, container: &str) -> &'a str {
        let spec = self.0.spec.as_ref();
        let all = spec.into_iter().flat_map(|spec| {
            spec.containers.iter().chain(spec.init_containers.as_deref().unwrap_or_default())
        });
        all.filter(|other| other.name == container)
            .find_map(|other| other.image.as_deref())
            .unwrap_or_default()
    }

    fn worker(&self) -> Option<&'a ContainerStatus> {
        self.containers().iter().find(|container| container.name == WORKER)
    }

    fn containers(&self) -> &'a [ContainerStatus] {
        self.status().and_then(|status| status.container_statuses.as_deref()).unwrap_or_default()
    }

    fn init_containers(&self) -> &'a [ContainerStatus] {
        self.status().and_then(|status| status.init_container_statuses.as_deref()).unwrap_or_default()
    }

    fn status(&self) -> Option<&'a PodStatus> {
        self.0.status.as_ref()
    }
}

/// The reason of a container whose command could not be started.
pub(super) const START_ERROR: &str = "StartError";

/// A container that waits.
pub(super) struct Waiting<'a> {
    pub(super) container: &'a str,
    pub(super) image: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}
