//! `Selector`: which objects a list or a watch is about.

use crate::failure::Failure;
use crate::request::Asked;
use crate::resource::Resource;
use serde_json::Value;

/// Which objects a list or a watch is about: namespace, labels, fields.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    namespace: Option<String>,
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

impl Selector {
    pub(crate) fn read(asked: &Asked, resource: Resource) -> Result<Self, Failure> {
        let text = |name: &str| asked.query.get(name).map_or("", String::as_str);
        Ok(Self {
            namespace: asked.namespace.clone(),
            labels: read_labels(text("labelSelector"))?,
            fields: read_fields(text("fieldSelector"), resource)?,
        })
    }

    /// Whether it is about everything, which is when a list says how much is left of it.
    pub(crate) fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn takes(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let here = self.namespace.as_deref().is_none_or(|namespace| metadata["namespace"] == namespace);
        let label = |name: &str| metadata["labels"][name].as_str();
        let labels = self.labels.iter().all(|requirement| match requirement {
            Requirement::In(name, values) => {
                label(name).is_some_and(|value| values.iter().any(|wanted| wanted == value))
            }
            Requirement::NotIn(name, values) => {
                label(name).is_none_or(|value| values.iter().all(|wanted| wanted != value))
            }
            Requirement::Exists(name) => label(name).is_some(),
            Requirement::Missing(name) => label(name).is_none(),
        });
        let fields = self.fields.iter().all(|(path, equal, wanted)| {
            let value = path.split('.').fold(object, |value, key| &value[key]);
            (value.as_str().unwrap_or_default() == wanted) == *equal
        });
        here && labels && fields
    }
}

fn read_labels(text: &str) -> Result<Vec<Requirement>, Failure> {
    split_outside(text).into_iter().map(read_requirement).collect()
}

/// At the commas that are not in parentheses.
fn split_outside(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
    .collect()
}

fn read_requirement(text: &str) -> Result<Requirement, Failure> {
    let bad = || Failure::bad_request(format!("unable to parse requirement: {text:?}"));
    let name = |text: &str| match text.trim() {
        name if !name.is_empty() && !name.contains(char::is_whitespace) => Ok(name.to_owned()),
        _ => Err(bad()),
    };
    let set = |text: &str| {
        let inside = text.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')')).ok_or_else(bad)?;
        Ok(inside.split(',').map(|value| value.trim().to_owned()).collect())
    };
    if let Some((key, values)) = text.split_once(" notin ") {
        return Ok(Requirement::NotIn(name(key)?, set(values)?));
    }
    if let Some((key, values)) = text.split_once(" in ") {
        return Ok(Requirement::In(name(key)?, set(values)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Requirement::NotIn(name(key)?, vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Requirement::In(name(key)?, vec![value.trim().to_owned()]));
    }
    match text.strip_prefix('!') {
        Some(key) => Ok(Requirement::Missing(name(key)?)),
        None => Ok(Requirement::Exists(name(text)?)),
    }
}

fn read_fields(text: &str, resource: Resource) -> Result<Vec<(String, bool, String)>, Failure> {
    let known: &[&str] = match resource {
        Resource::Pods => &["status.phase", "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName"],
        Resource::Events => &[
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.uid",
            "reason",
            "type",
        ],
        Resource::Secrets => &["type"],
        _ => &[],
    };
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, equal, value) = if let Some((name, value)) = part.split_once("!=") {
                (name, false, value)
            } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (name, true, value)
            } else {
                return Err(Failure::bad_request(format!("invalid field selector: {part:?}")));
            };
            if !["metadata.name", "metadata.namespace"].contains(&name) && !known.contains(&name) {
                return Err(Failure::bad_request(format!("field label not supported: {name}")));
            }
            Ok((name.to_owned(), equal, value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn takes(labels: &str, fields: &str, object: &Value) -> bool {
        let labels = read_labels(labels).unwrap();
        let fields = read_fields(fields, Resource::Pods).unwrap();
        Selector { namespace: None, labels, fields }.takes(object)
    }

    #[test]
    fn labels_and_fields_select() {
        let pod = json!({"metadata": {"name": "p", "labels": {"a": "1", "b/c": "2"}}, "status": {"phase": "Failed"}});
        for (labels, fields, taken) in [
            ("", "", true),
            ("a=1", "", true),
            ("a==1,b/c=2", "", true),
            ("a!=1", "", false),
            ("a in (1,2),b/c notin (3)", "", true),
            ("a notin (1)", "", false),
            ("d", "", false),
            ("!d", "", true),
            ("", "metadata.name=p,status.phase!=Running", true),
            ("", "metadata.name=q", false),
        ] {
            assert_eq!(takes(labels, fields, &pod), taken, "{labels} {fields}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        assert!(read_labels("a in 1").is_err());
        assert!(read_fields("spec.image=x", Resource::Pods).is_err());
        assert!(read_fields("status.phase=x", Resource::Jobs).is_err());
    }
}
