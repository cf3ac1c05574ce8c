//! Who may do what: by the Roles that RoleBindings give to an account.

use crate::resource::Resource;
use crate::world::{User, World, text};
use serde_json::Value;

/// What a role is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Right<'a> {
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    /// With its subresource: `pods/log`.
    pub(crate) resource: &'a str,
    pub(crate) namespace: Option<&'a str>,
}

impl World {
    pub(crate) fn allows(&self, user: &User, right: Right<'_>) -> bool {
        let User::Account { namespace, name } = user else { return *user == User::Admin };
        let Some(there) = right.namespace else { return false };
        let named = |subject: &Value| {
            subject["kind"] == "ServiceAccount"
                && subject["name"] == name.as_str()
                && subject["namespace"].as_str().unwrap_or(there) == namespace
        };
        self.all(Resource::RoleBindings)
            .filter(|binding| binding["metadata"]["namespace"] == there)
            .filter(|binding| binding["subjects"].as_array().is_some_and(|all| all.iter().any(named)))
            .filter_map(|binding| self.get(Resource::Roles, there, &text(&binding["roleRef"]["name"])))
            .flat_map(|role| role["rules"].as_array().into_iter().flatten())
            .any(|rule| {
                let has = |key: &str, wanted: &str| {
                    let all = rule[key].as_array();
                    all.is_some_and(|all| all.iter().any(|one| one == wanted || one == "*"))
                };
                has("apiGroups", right.group) && has("resources", right.resource) && has("verbs", right.verb)
            })
    }
}
