//! `Resource`: the kinds of objects that are served.

/// A kind of objects that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// `batch/v1` Jobs.
    Jobs,
    /// Pods.
    Pods,
    /// Secrets.
    Secrets,
    /// `v1` Events.
    Events,
    /// Namespaces.
    Namespaces,
    /// Service accounts.
    ServiceAccounts,
    /// Roles.
    Roles,
    /// Role bindings.
    RoleBindings,
    /// Resource quotas, of which that of pods is obeyed.
    ResourceQuotas,
}

const ALL: [(Resource, &str, &str, &str); 9] = [
    (Resource::Jobs, "batch", "jobs", "Job"),
    (Resource::Pods, "", "pods", "Pod"),
    (Resource::Secrets, "", "secrets", "Secret"),
    (Resource::Events, "", "events", "Event"),
    (Resource::Namespaces, "", "namespaces", "Namespace"),
    (Resource::ServiceAccounts, "", "serviceaccounts", "ServiceAccount"),
    (Resource::Roles, "rbac.authorization.k8s.io", "roles", "Role"),
    (Resource::RoleBindings, "rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
    (Resource::ResourceQuotas, "", "resourcequotas", "ResourceQuota"),
];

impl Resource {
    /// The one of this group and plural.
    pub(crate) fn of(group: &str, plural: &str) -> Option<Self> {
        ALL.iter().find(|(_, its, name, _)| *its == group && *name == plural).map(|(resource, ..)| *resource)
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        let (_, group, plural, kind) = ALL[self as usize];
        (group, plural, kind)
    }

    pub(crate) fn group(self) -> &'static str {
        self.row().0
    }

    /// Its name in paths and roles: `jobs`.
    pub fn plural(self) -> &'static str {
        self.row().1
    }

    pub(crate) fn kind(self) -> &'static str {
        self.row().2
    }

    pub(crate) fn api_version(self) -> String {
        match self.group() {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }

    /// As messages name it: `jobs.batch`.
    pub(crate) fn qualified(self, name: &str) -> String {
        match self.group() {
            "" => name.to_owned(),
            group => format!("{name}.{group}"),
        }
    }
}
