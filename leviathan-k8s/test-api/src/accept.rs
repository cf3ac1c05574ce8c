//! What is taken of a body: strictly as the API's types are, with the defaults that a real API server sets.

use crate::failure::Failure;
use crate::resource::Resource;
use crate::valid;
use crate::world::{World, text};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The object of a body, checked.
pub(crate) fn read_object(
    resource: Resource,
    namespace: Option<&str>,
    body: &[u8],
) -> Result<Value, Failure> {
    let mut object = match resource {
        Resource::Jobs => read::<Job>(body),
        Resource::Secrets => read::<Secret>(body),
        Resource::Namespaces => read::<Namespace>(body),
        Resource::ServiceAccounts => read::<ServiceAccount>(body),
        Resource::Roles => read::<Role>(body),
        Resource::RoleBindings => read::<RoleBinding>(body),
        Resource::ResourceQuotas => read::<ResourceQuota>(body),
        Resource::Pods | Resource::Events => Err(Failure::not_served(resource.plural())),
    }?;
    for (key, expected) in [("kind", resource.kind().to_owned()), ("apiVersion", resource.api_version())] {
        if object[key] != expected.as_str() {
            let what = format!("{key} {} is not {expected:?}", object[key]);
            return Err(Failure::bad_request(what));
        }
    }
    if let Some(namespace) = namespace {
        let metadata = &mut object["metadata"];
        if metadata["namespace"].as_str().is_some_and(|its| its != namespace) {
            let message = format!(
                "the namespace of the provided object does not match the namespace sent on the request: {} {namespace}",
                metadata["namespace"]
            );
            return Err(Failure::bad_request(message));
        }
        metadata["namespace"] = namespace.into();
    }
    let name = text(&object["metadata"]["name"]);
    if name.is_empty() {
        let fault =
            ("metadata.name".to_owned(), "Required value: name or generateName is required".to_owned());
        return Err(Failure::invalid(resource, "", &[fault]));
    }
    let faults = match resource {
        Resource::Jobs => valid::job(&object),
        _ => valid::metadata(&object["metadata"]),
    };
    if faults.is_empty() { Ok(object) } else { Err(Failure::invalid(resource, &name, &faults)) }
}

/// Reads a body as its type, which must know each of its fields.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Value, Failure> {
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_ignored::deserialize::<_, _, T>(&mut json, |path| {
        unknown.push(format!("unknown field \"{path}\""))
    })
    .map_err(|error| Failure::bad_request(format!("the object provided is unrecognized: {error}")))?;
    if !unknown.is_empty() {
        return Err(Failure::bad_request(format!("strict decoding error: {}", unknown.join(", "))));
    }
    // As it was sent, since the types write more than they read.
    serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))
}

impl World {
    /// A Job as it is kept: with its uid, in its selector too, and with the defaults.
    pub(crate) fn dress_job(&mut self, job: Value) -> Value {
        let mut job = self.dress(job);
        let (uid, name) = (job["metadata"]["uid"].clone(), job["metadata"]["name"].clone());
        job["metadata"]["generation"] = 1.into();
        job["status"] = json!({});
        let spec = &mut job["spec"];
        for (key, value) in [
            ("parallelism", json!(1)),
            ("completions", json!(1)),
            ("backoffLimit", json!(6)),
            ("completionMode", json!("NonIndexed")),
            ("suspend", json!(false)),
            ("podReplacementPolicy", json!("TerminatingOrFailed")),
        ] {
            default(spec, key, value);
        }
        spec["manualSelector"] = false.into();
        spec["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
        let labels = &mut spec["template"]["metadata"]["labels"];
        if labels.is_null() {
            *labels = json!({});
        }
        for prefix in ["batch.kubernetes.io/", ""] {
            labels[format!("{prefix}controller-uid")] = uid.clone();
            labels[format!("{prefix}job-name")] = name.clone();
        }
        dress_pod_spec(&mut spec["template"]["spec"]);
        job
    }
}

fn dress_pod_spec(pod: &mut Value) {
    for (key, value) in [
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("securityContext", json!({})),
        ("schedulerName", json!("default-scheduler")),
    ] {
        default(pod, key, value);
    }
    if pod["serviceAccountName"].is_string() {
        pod["serviceAccount"] = pod["serviceAccountName"].clone();
    }
    for list in ["containers", "initContainers"] {
        for container in pod.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            dress_container(container);
        }
    }
}

fn dress_container(container: &mut Value) {
    let image = text(&container["image"]);
    let tag = image.rsplit('/').next().and_then(|name| name.split_once(':')).map(|(_, tag)| tag);
    let always = !image.contains('@') && tag.is_none_or(|tag| tag == "latest");
    default(container, "imagePullPolicy", if always { "Always" } else { "IfNotPresent" }.into());
    default(container, "terminationMessagePath", "/dev/termination-log".into());
    default(container, "terminationMessagePolicy", "File".into());
    default(container, "resources", json!({}));
    // What is limited and not asked for is asked for as it is limited.
    let resources = &mut container["resources"];
    if let Some(limits) = resources["limits"].as_object().cloned() {
        for (name, amount) in limits {
            if resources["requests"].is_null() {
                resources["requests"] = json!({});
            }
            default(&mut resources["requests"], &name, amount);
        }
    }
}

fn default(object: &mut Value, key: &str, value: Value) {
    if object.get(key).is_none_or(Value::is_null) {
        object[key] = value;
    }
}
