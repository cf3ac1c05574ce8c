//! `Role`s that are known: the guide's, and the one that we ship.

use k8s_openapi::api::rbac::v1::PolicyRule;

/// The rights of the guide's role: Jobs, and to read pods and logs. Pods cannot be watched.
pub fn narrow() -> Vec<PolicyRule> {
    vec![
        rule("batch", "jobs", &["create", "get", "list", "watch", "delete"]),
        rule("", "pods", &["get", "list"]),
        rule("", "pods/log", &["get"]),
    ]
}

/// The rights of the role that we ship: those of [`narrow`], and to watch and delete pods, read Events, make Secrets.
pub fn wide() -> Vec<PolicyRule> {
    vec![
        rule("batch", "jobs", &["create", "get", "list", "watch", "delete"]),
        rule("", "pods", &["get", "list", "watch", "delete"]),
        rule("", "pods/log", &["get"]),
        rule("", "events", &["list"]),
        rule("", "secrets", &["create"]),
    ]
}

fn rule(group: &str, resource: &str, verbs: &[&str]) -> PolicyRule {
    let own = |text: &&str| (*text).to_owned();
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        verbs: verbs.iter().map(own).collect(),
        ..PolicyRule::default()
    }
}
