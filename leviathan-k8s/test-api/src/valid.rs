//! What a real API server finds wrong with an object: each fault as field and message.

use serde_json::Value;
use std::collections::BTreeSet;

type Faults = Vec<(String, String)>;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LONG: &str = "must be no more than 63 bytes";

pub(crate) fn metadata(metadata: &Value) -> Faults {
    let mut faults = Vec::new();
    let name = metadata["name"].as_str().unwrap_or_default();
    if name.len() > 253 {
        faults.push(invalid("metadata.name", name, "must be no more than 253 bytes"));
    } else if !is_subdomain(name) {
        faults.push(invalid("metadata.name", name, SUBDOMAIN));
    }
    labels(&mut faults, "metadata.labels", &metadata["labels"]);
    let size: usize = pairs(&metadata["annotations"]).map(|(key, value)| key.len() + value.len()).sum();
    if size > 256 * 1024 {
        faults.push((
            "metadata.annotations".to_owned(),
            "Too long: may not be more than 262144 bytes".to_owned(),
        ));
    }
    faults
}

pub(crate) fn job(job: &Value) -> Faults {
    let mut faults = metadata(&job["metadata"]);
    let name = job["metadata"]["name"].as_str().unwrap_or_default();
    let spec = &job["spec"];
    for count in
        ["parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished", "activeDeadlineSeconds"]
    {
        if spec[count].as_i64().is_some_and(|value| value < 0) {
            let field = format!("spec.{count}");
            faults
                .push((field, format!("Invalid value: {}: must be greater than or equal to 0", spec[count])));
        }
    }
    let template = &spec["template"];
    // The name becomes the value of two labels.
    if name.len() > 63 {
        faults.extend([0, 1].map(|_| invalid("spec.template.labels", name, LONG)));
    }
    labels(&mut faults, "spec.template.labels", &template["metadata"]["labels"]);
    pod(&mut faults, &template["spec"]);
    faults
}

fn pod(faults: &mut Faults, pod: &Value) {
    let at = "spec.template.spec";
    match pod["restartPolicy"].as_str() {
        Some("Never" | "OnFailure") => {}
        other => {
            let what = format!(
                "Required value: valid values: \"OnFailure\", \"Never\", not {:?}",
                other.unwrap_or_default()
            );
            faults.push((format!("{at}.restartPolicy"), what));
        }
    }
    if pod["activeDeadlineSeconds"].as_i64().is_some_and(|seconds| seconds < 1) {
        faults.push((
            format!("{at}.activeDeadlineSeconds"),
            "Invalid value: must be greater than 0".to_owned(),
        ));
    }
    let volumes: BTreeSet<&str> =
        list(&pod["volumes"]).filter_map(|volume| volume["name"].as_str()).collect();
    if list(&pod["containers"]).next().is_none() {
        faults.push((format!("{at}.containers"), "Required value".to_owned()));
    }
    let mut names = BTreeSet::new();
    for kind in ["initContainers", "containers"] {
        for (index, container) in list(&pod[kind]).enumerate() {
            let at = format!("{at}.{kind}[{index}]");
            let name = container["name"].as_str().unwrap_or_default();
            if !is_label_name(name) {
                faults.push(invalid(
                    &format!("{at}.name"),
                    name,
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'",
                ));
            } else if !names.insert(name) {
                faults.push((format!("{at}.name"), format!("Duplicate value: {name:?}")));
            }
            if container["image"].as_str().is_none_or(|image| image.trim() != image || image.is_empty()) {
                faults.push((format!("{at}.image"), "Required value".to_owned()));
            }
            for (index, mount) in list(&container["volumeMounts"]).enumerate() {
                let volume = mount["name"].as_str().unwrap_or_default();
                if !volumes.contains(volume) {
                    faults
                        .push((format!("{at}.volumeMounts[{index}].name"), format!("Not found: {volume:?}")));
                }
            }
            for (index, variable) in list(&container["env"]).enumerate() {
                env(faults, &format!("{at}.env[{index}]"), variable);
            }
        }
    }
}

fn env(faults: &mut Faults, at: &str, variable: &Value) {
    let name = variable["name"].as_str().unwrap_or_default();
    if name.is_empty() || name.contains(['=', '\0']) {
        faults.push(invalid(&format!("{at}.name"), name, "a valid environment variable name must consist only of printable ASCII characters other than '='"));
    }
    let from = &variable["valueFrom"];
    if !from.is_null() && variable["value"].as_str().is_some_and(|value| !value.is_empty()) {
        let what = "Invalid value: \"\": may not be specified when `value` is not empty".to_owned();
        faults.push((format!("{at}.valueFrom"), what));
    }
    let secret = &from["secretKeyRef"];
    if !secret.is_null() && secret["key"].as_str().is_none_or(str::is_empty) {
        faults.push((format!("{at}.valueFrom.secretKeyRef.key"), "Required value".to_owned()));
    }
}

fn labels(faults: &mut Faults, at: &str, labels: &Value) {
    for (key, value) in pairs(labels) {
        let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
        if prefix.is_some_and(|prefix| !is_subdomain(prefix)) || name.is_empty() || !is_label_value(name) {
            faults.push(invalid(
                at,
                key,
                "name part must consist of alphanumeric characters, '-', '_' or '.'",
            ));
        }
        if value.len() > 63 {
            faults.push(invalid(at, value, LONG));
        } else if !is_label_value(value) {
            faults.push(invalid(at, value, LABEL));
        }
    }
}

fn invalid(field: &str, value: &str, what: &str) -> (String, String) {
    (field.to_owned(), format!("Invalid value: {value:?}: {what}"))
}

fn pairs(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn is_label_value(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let ends = [text.chars().next(), text.chars().last()];
    text.len() <= 63 && text.chars().all(inner) && ends.iter().flatten().all(char::is_ascii_alphanumeric)
}

fn is_label_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = [text.chars().next(), text.chars().last()];
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(|c| plain(c) || c == '-')
        && ends.into_iter().flatten().all(plain)
}

fn is_subdomain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.split('.').all(|label| {
        let ends = [label.chars().next(), label.chars().last()];
        !label.is_empty()
            && label.chars().all(|c| plain(c) || c == '-')
            && ends.into_iter().flatten().all(plain)
    })
}
