//! `JobView`: what a Job's status says.

use k8s_openapi::api::batch::v1::Job;

#[derive(Clone, Copy)]
pub(super) struct JobView<'a>(pub(super) &'a Job);

impl<'a> JobView<'a> {
    /// Why it failed or is about to. `Failed` itself is held back until all pods are gone, and so may never come.
    pub(super) fn failure(&self) -> Option<&'a str> {
        let condition = self.conditions().find(|(kind, _)| matches!(*kind, "FailureTarget" | "Failed"));
        condition.map(|(_, reason)| reason)
    }

    pub(super) fn succeeded(&self) -> bool {
        self.conditions().any(|(kind, _)| matches!(kind, "SuccessCriteriaMet" | "Complete"))
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.0.spec.as_ref().is_some_and(|spec| spec.suspend == Some(true))
            || self.conditions().any(|(kind, _)| kind == "Suspended")
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.0.metadata.deletion_timestamp.is_some()
    }

    /// Whether it says that it has a pod, seen or not.
    pub(super) fn has_pods(&self) -> bool {
        self.0.status.as_ref().is_some_and(|status| {
            status.active.unwrap_or_default() > 0 || status.terminating.unwrap_or_default() > 0
        })
    }

    /// The conditions that hold, each with its reason.
    fn conditions(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let conditions = self.0.status.as_ref().and_then(|status| status.conditions.as_deref());
        conditions
            .unwrap_or_default()
            .iter()
            .filter(|condition| condition.status == "True")
            .map(|condition| (condition.type_.as_str(), condition.reason.as_deref().unwrap_or_default()))
    }
}
