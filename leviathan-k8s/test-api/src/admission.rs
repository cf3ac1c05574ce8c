//! What keeps a controller from making a pod: the account that it names, pod security, quotas.

use crate::resource::Resource;
use crate::world::{World, text};
use serde_json::Value;

impl World {
    /// Why this pod may not be, as it follows on `pods "…" is forbidden: `.
    pub(crate) fn denies(&self, namespace: &str, pod: &Value) -> Option<String> {
        self.lacks_account(namespace, pod)
            .or_else(|| self.breaks_standard(namespace, pod))
            .or_else(|| self.exceeds_quota(namespace))
    }

    fn lacks_account(&self, namespace: &str, pod: &Value) -> Option<String> {
        let account = text(&pod["spec"]["serviceAccountName"]);
        let is_there = self.get(Resource::ServiceAccounts, namespace, &account).is_some();
        let why = || {
            format!(
                "error looking up service account {namespace}/{account}: serviceaccount {account:?} not found"
            )
        };
        (!is_there).then(why)
    }

    /// The restricted standard, in the part of it that pods of ours could break.
    fn breaks_standard(&self, namespace: &str, pod: &Value) -> Option<String> {
        let space = self.get(Resource::Namespaces, "", namespace)?;
        if space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] != "restricted" {
            return None;
        }
        let spec = &pod["spec"];
        let mut broken = Vec::new();
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if spec[field] == true {
                broken.push(format!("host namespaces ({field}=true)"));
            }
        }
        let lists = [&spec["initContainers"], &spec["containers"]];
        for container in lists.into_iter().filter_map(Value::as_array).flatten() {
            let (name, own) = (text(&container["name"]), &container["securityContext"]);
            let either = |field: &str| {
                let own = &own[field];
                if own.is_null() { &spec["securityContext"][field] } else { own }
            };
            let mut must = |holds: bool, what: &str, who: &str, must: &str| {
                if !holds {
                    broken.push(format!("{what} ({who} {name:?} must {must})"));
                }
            };
            must(
                own["privileged"] != true,
                "privileged",
                "container",
                "not set securityContext.privileged=true",
            );
            must(
                own["allowPrivilegeEscalation"] == false,
                "allowPrivilegeEscalation != false",
                "container",
                "set securityContext.allowPrivilegeEscalation=false",
            );
            let dropped = own["capabilities"]["drop"].as_array();
            must(
                dropped.is_some_and(|all| all.iter().any(|one| one == "ALL")),
                "unrestricted capabilities",
                "container",
                "set securityContext.capabilities.drop=[\"ALL\"]",
            );
            must(
                either("runAsNonRoot") == true,
                "runAsNonRoot != true",
                "pod or container",
                "set securityContext.runAsNonRoot=true",
            );
            let seccomp = text(&either("seccompProfile")["type"]);
            must(
                matches!(seccomp.as_str(), "RuntimeDefault" | "Localhost"),
                "seccompProfile",
                "pod or container",
                "set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
            );
        }
        let what = || format!("violates PodSecurity \"restricted:latest\": {}", broken.join(", "));
        (!broken.is_empty()).then(what)
    }

    /// A quota of pods; other amounts are not counted.
    fn exceeds_quota(&self, namespace: &str) -> Option<String> {
        let here = |object: &&Value| object["metadata"]["namespace"] == namespace;
        let alive = |pod: &&Value| !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        let used = self.all(Resource::Pods).filter(here).filter(alive).count();
        self.all(Resource::ResourceQuotas).filter(here).find_map(|quota| {
            let limited: usize = quota["spec"]["hard"]["pods"].as_str()?.parse().ok()?;
            let name = text(&quota["metadata"]["name"]);
            let why = || {
                format!(
                    "exceeded quota: {name}, requested: pods=1, used: pods={used}, limited: pods={limited}"
                )
            };
            (used >= limited).then(why)
        })
    }
}
