//! `Failure`: an answer that is a `Status`.

use crate::resource::Resource;
use serde_json::{Value, json};

/// An answer that is a `Status`, in the words of a real API server.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: u16,
    reason: Option<&'static str>,
    message: String,
    details: Option<Value>,
    pub(crate) retry_after: Option<u64>,
    /// Whether it says that something was asked for that no program of ours should ask for.
    pub(crate) strange: bool,
}

impl Failure {
    pub(crate) fn new(
        code: u16,
        reason: impl Into<Option<&'static str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            details: None,
            retry_after: None,
            strange: false,
        }
    }

    pub(crate) fn with(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(crate) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if let Some(reason) = self.reason {
            status["reason"] = reason.into();
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { strange: true, ..Self::new(400, "BadRequest", message) }
    }

    pub(crate) fn no_such_path() -> Self {
        Self {
            strange: true,
            ..Self::new(404, "NotFound", "the server could not find the requested resource")
        }
    }

    pub(crate) fn not_served(what: &str) -> Self {
        let message = format!("the server does not allow this method on the requested resource: {what}");
        Self { strange: true, ..Self::new(405, "MethodNotAllowed", message) }
    }

    pub(crate) fn media_type(code: u16, header: &str, found: &str) -> Self {
        let reason = if code == 406 { "NotAcceptable" } else { "UnsupportedMediaType" };
        Self {
            strange: true,
            ..Self::new(code, reason, format!("{header} {found:?} is not application/json"))
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    pub(crate) fn forbidden(
        user: &str,
        verb: &str,
        resource: Resource,
        subresource: Option<&str>,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Self {
        let plural = resource.qualified(resource.plural());
        let what = name.map_or(plural.clone(), |name| format!("{plural} {name:?}"));
        let full =
            subresource.map_or(resource.plural().to_owned(), |sub| format!("{}/{sub}", resource.plural()));
        let scope = namespace
            .map_or("at the cluster scope".to_owned(), |namespace| format!("in the namespace {namespace:?}"));
        let group = resource.group();
        let message = format!(
            "{what} is forbidden: User {user:?} cannot {verb} resource {full:?} in API group {group:?} {scope}"
        );
        Self::new(403, "Forbidden", message).with(details(resource, name))
    }

    pub(crate) fn not_found(resource: Resource, name: &str) -> Self {
        let what = resource.qualified(resource.plural());
        Self::new(404, "NotFound", format!("{what} {name:?} not found")).with(details(resource, Some(name)))
    }

    pub(crate) fn exists(resource: Resource, name: &str, being_deleted: bool) -> Self {
        let deleted = if being_deleted { "object is being deleted: " } else { "" };
        let what = resource.qualified(resource.plural());
        Self::new(409, "AlreadyExists", format!("{deleted}{what} {name:?} already exists"))
            .with(details(resource, Some(name)))
    }

    pub(crate) fn other_uid(resource: Resource, name: &str, asked: &str, found: &str) -> Self {
        let what = resource.qualified(resource.plural());
        let message = format!(
            "Operation cannot be fulfilled on {what} {name:?}: the UID in the precondition ({asked}) does not \
             match the UID in record ({found}). The object might have been deleted and then recreated"
        );
        Self::new(409, "Conflict", message).with(details(resource, Some(name)))
    }

    /// Each fault as field and message.
    pub(crate) fn invalid(resource: Resource, name: &str, faults: &[(String, String)]) -> Self {
        let mut texts: Vec<String> = faults.iter().map(|(field, what)| format!("{field}: {what}")).collect();
        texts.dedup();
        let what = if let [one] = texts.as_slice() { one.clone() } else { format!("[{}]", texts.join(", ")) };
        let kind = resource.kind();
        let message = format!("{} {name:?} is invalid: {what}", resource.qualified(kind));
        let causes: Vec<Value> = faults
            .iter()
            .map(|(field, what)| {
                let reason = match what.split(':').next() {
                    Some("Required value") => "FieldValueRequired",
                    Some("Not found") => "FieldValueNotFound",
                    Some("Duplicate value") => "FieldValueDuplicate",
                    _ => "FieldValueInvalid",
                };
                json!({"reason": reason, "message": what, "field": field})
            })
            .collect();
        let mut about = json!({"name": name, "kind": kind, "causes": causes});
        if !resource.group().is_empty() {
            about["group"] = resource.group().into();
        }
        Self::new(422, "Invalid", message).with(about)
    }

    /// A watch from a version that is no longer kept. It comes as a line of a good answer.
    pub(crate) fn too_old(version: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {version} ({oldest})"))
    }

    pub(crate) fn list_too_old() -> Self {
        Self::new(410, "Expired", "The resourceVersion for the provided list is too old.")
    }

    pub(crate) fn continue_too_old() -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can \
                       start a new list without the continue parameter.";
        Self::new(410, "Expired", message)
    }

    pub(crate) fn too_new(version: u64, current: u64) -> Self {
        let causes = json!([{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]);
        Self::new(
            504,
            "Timeout",
            format!("Timeout: Too large resource version: {version}, current: {current}"),
        )
        .with(json!({"causes": causes, "retryAfterSeconds": 1}))
        .after(1)
    }

    pub(crate) fn no_number(text: &str) -> Self {
        let what = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
        Self::new(500, None, format!("resourceVersion: Invalid value: {text:?}: {what}"))
    }
}

pub(crate) fn details(resource: Resource, name: Option<&str>) -> Value {
    let mut details = json!({"kind": resource.plural()});
    if !resource.group().is_empty() {
        details["group"] = resource.group().into();
    }
    if let Some(name) = name {
        details["name"] = name.into();
    }
    details
}
