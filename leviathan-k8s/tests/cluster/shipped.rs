//! The documents of `ops/k8s`, moved to a namespace of a test's own.

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// What an operator applies before a scheduler is started.
pub(crate) struct Shipped {
    pub(crate) namespace: Namespace,
    pub(crate) account: ServiceAccount,
    pub(crate) role: Role,
    pub(crate) binding: RoleBinding,
}

/// Which of the two roles that are shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    Wide,
    Narrow,
}

impl Shipped {
    /// As it stands in the repository, but for the namespace's name.
    pub(crate) fn read(namespace: &str, rights: Rights) -> Self {
        let role = match rights {
            Rights::Wide => "rbac.yaml",
            Rights::Narrow => "rbac-narrow.yaml",
        };
        let mut space: Namespace = one("namespace.yaml", "Namespace", None);
        space.metadata.name = Some(namespace.to_owned());
        Self {
            namespace: space,
            account: one("rbac.yaml", "ServiceAccount", Some(namespace)),
            role: one(role, "Role", Some(namespace)),
            binding: one("rbac.yaml", "RoleBinding", Some(namespace)),
        }
    }
}

fn one<T: DeserializeOwned>(file: &str, kind: &str, namespace: Option<&str>) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops/k8s").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let documents = text.split("\n---\n").map(|document| serde_saphyr::from_str(document).expect(file));
    let mut found: Value = documents
        .into_iter()
        .find(|document: &Value| document["kind"] == kind)
        .unwrap_or_else(|| panic!("{file} has no {kind}"));
    if let Some(namespace) = namespace {
        found["metadata"]["namespace"] = namespace.into();
        for subject in found["subjects"].as_array_mut().into_iter().flatten() {
            subject["namespace"] = namespace.into();
        }
    }
    serde_json::from_value(found).expect(file)
}
