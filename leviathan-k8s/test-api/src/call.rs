//! `Call`: one request, as it was answered.

/// One request, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `create`, `get`, `list`, `watch`, `delete` …, as roles name them.
    pub verb: &'static str,
    /// `jobs`, `pods`, `pods/log` …, as roles name them.
    pub resource: String,
    /// The namespace, if it was one.
    pub namespace: Option<String>,
    /// The object, if it was one.
    pub name: Option<String>,
    /// Path and query.
    pub uri: String,
    /// The whole body.
    pub body: String,
    /// The answer's status; nothing while it is worked on, and for good where the connection was cut instead.
    pub status: Option<u16>,
}
