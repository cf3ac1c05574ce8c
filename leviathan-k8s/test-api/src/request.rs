//! `Asked`: what a request is about, read from its method, path and query.

use crate::failure::Failure;
use crate::resource::Resource;
use axum::http::{Method, Uri};
use std::collections::BTreeMap;

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) verb: &'static str,
    pub(crate) subject: Subject,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) query: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Objects(Resource),
    PodLog,
    AccountToken,
    AccessReview,
    Version,
}

impl Asked {
    /// Nothing where there is no such path.
    pub(crate) fn read(method: &Method, uri: &Uri) -> Option<Self> {
        let query = read_query(uri.query().unwrap_or_default());
        let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
        if parts == ["version"] {
            let (namespace, name) = (None, None);
            return Some(Self { verb: "get", subject: Subject::Version, namespace, name, query });
        }
        let (group, rest) = match parts.as_slice() {
            ["api", "v1", rest @ ..] => ("", rest),
            ["apis", group, "v1", rest @ ..] => (*group, rest),
            _ => return None,
        };
        let own = |text: &str| Some(text.to_owned());
        let (namespace, plural, name, sub) = match rest {
            ["namespaces"] => (None, "namespaces", None, None),
            ["namespaces", name] => (None, "namespaces", own(name), None),
            ["namespaces", namespace, plural] => (own(namespace), *plural, None, None),
            ["namespaces", namespace, plural, name] => (own(namespace), *plural, own(name), None),
            ["namespaces", namespace, plural, name, sub] => (own(namespace), *plural, own(name), Some(*sub)),
            [plural] => (None, *plural, None, None),
            _ => return None,
        };
        let subject = match (group, plural, sub) {
            ("authorization.k8s.io", "selfsubjectaccessreviews", None) => Subject::AccessReview,
            ("", "pods", Some("log")) => Subject::PodLog,
            ("", "serviceaccounts", Some("token")) => Subject::AccountToken,
            (_, _, None) => Subject::Objects(Resource::of(group, plural)?),
            _ => return None,
        };
        let watch = matches!(query.get("watch").map(String::as_str), Some("true" | "1"));
        let verb = match (method.as_str(), name.is_some()) {
            ("GET", true) => "get",
            ("GET", false) if watch => "watch",
            ("GET", false) => "list",
            ("POST", _) => "create",
            ("DELETE", true) => "delete",
            ("DELETE", false) => "deletecollection",
            ("PATCH", _) => "patch",
            ("PUT", _) => "update",
            _ => return None,
        };
        Some(Self { verb, subject, namespace, name, query })
    }

    /// As a role names it: `jobs`, `pods/log`.
    pub(crate) fn resource(&self) -> String {
        match self.subject {
            Subject::Objects(resource) => resource.plural().to_owned(),
            Subject::PodLog => "pods/log".to_owned(),
            Subject::AccountToken => "serviceaccounts/token".to_owned(),
            Subject::AccessReview => "selfsubjectaccessreviews".to_owned(),
            Subject::Version => "version".to_owned(),
        }
    }

    /// A parameter that the original would overlook is refused: it would have no effect.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Failure> {
        match self.query.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Failure::bad_request(format!("unknown query parameter {name:?}"))),
            None => Ok(()),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.query.get(name).map(String::as_str) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(Failure::bad_request(format!("{name} is no boolean: {other:?}"))),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let bad = |text: &String| Failure::bad_request(format!("{name} is no number: {text:?}"));
        self.query.get(name).map(|text| text.parse().map_err(|_| bad(text))).transpose()
    }

    /// The `resourceVersion`; 0 and none at all mean any.
    pub(crate) fn version(&self) -> Result<Option<u64>, Failure> {
        match self.query.get("resourceVersion").map(String::as_str) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Failure::no_number(text)),
        }
    }
}

fn read_query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'+' => out.push(b' '),
            b'%' => match (hex(rest.next()), hex(rest.next())) {
                (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
                _ => out.push(b'%'),
            },
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, uri: &str) -> (&'static str, String, Option<String>, Option<String>) {
        let asked = Asked::read(method, &uri.parse().unwrap()).unwrap();
        (asked.verb, asked.resource(), asked.namespace, asked.name)
    }

    #[test]
    fn a_path_says_verb_resource_namespace_and_name() {
        let own = |text: &str| Some(text.to_owned());
        let jobs = "/apis/batch/v1/namespaces/leviathan/jobs";
        assert_eq!(asked(&Method::POST, jobs), ("create", "jobs".into(), own("leviathan"), None));
        assert_eq!(asked(&Method::GET, &format!("{jobs}?&watch=true")).0, "watch");
        assert_eq!(asked(&Method::DELETE, &format!("{jobs}/a")).3, own("a"));
        assert_eq!(asked(&Method::GET, "/apis/batch/v1/jobs"), ("list", "jobs".into(), None, None));
        let log = asked(&Method::GET, "/api/v1/namespaces/leviathan/pods/p/log?&follow=true");
        assert_eq!(log, ("get", "pods/log".into(), own("leviathan"), own("p")));
        assert!(Asked::read(&Method::GET, &"/apis/batch/v2/jobs".parse().unwrap()).is_none());
    }

    #[test]
    fn a_query_is_decoded() {
        let query = read_query("&labelSelector=leviathan%2Ffleet%3Dx+y&limit=5");
        assert_eq!(query["labelSelector"], "leviathan/fleet=x y");
        assert_eq!(query["limit"], "5");
    }
}
