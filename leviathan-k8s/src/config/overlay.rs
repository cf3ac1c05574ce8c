//! `Overlay`: an operator's additions to the pods of workers.

use super::BuildError;
use k8s_openapi::api::core::v1::PodTemplateSpec;

const FIELD: &str = "pod_template";

/// A pod template whose fields are laid over ours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay(pub(crate) PodTemplateSpec);

impl Overlay {
    /// Reads YAML or JSON. A field that Kubernetes does not know is a fault: it would be ignored, and nobody would notice.
    pub(crate) fn parse(text: &str) -> Result<Self, BuildError> {
        let value: serde_json::Value =
            serde_saphyr::from_str(text).map_err(|error| BuildError::invalid(FIELD, error))?;
        let mut unknown = Vec::new();
        let template: PodTemplateSpec =
            serde_ignored::deserialize(value, |path| unknown.push(path.to_string()))
                .map_err(|error| BuildError::invalid(FIELD, error))?;
        if unknown.is_empty() {
            return Ok(Self(template));
        }
        // `?` stands for each optional step in between, which nobody wrote.
        let named: Vec<String> = unknown.iter().map(|path| path.replace("?.", "")).collect();
        Err(BuildError::invalid(FIELD, format_args!("no such field: {}", named.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_kubernetes_does_not_know_is_named_by_its_path() {
        let error =
            Overlay::parse("spec: {containers: [{name: worker, imagee: x}], tolerashuns: []}").unwrap_err();
        let said = error.to_string();
        assert!(said.contains("spec.containers.0.imagee") && said.contains("spec.tolerashuns"), "{said}");
        let error = Overlay::parse("spec: {containers: 3}").unwrap_err();
        assert!(error.to_string().contains("pod_template"), "{error}");
    }

    #[test]
    fn yaml_and_json_are_read_alike() {
        let yaml = Overlay::parse("spec:\n  nodeSelector:\n    disk: ssd\n  containers: []\n").unwrap();
        let json = Overlay::parse(r#"{"spec":{"nodeSelector":{"disk":"ssd"},"containers":[]}}"#).unwrap();
        assert_eq!(yaml.0, json.0);
        assert!(yaml.0.spec.unwrap().node_selector.unwrap().contains_key("disk"));
    }
}
