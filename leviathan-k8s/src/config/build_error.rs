//! `BuildError`: why an executor could not be built.

use std::fmt;

/// Why an executor could not be built. Nothing was asked of the cluster.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A field that has no default was not set.
    #[error("the Kubernetes executor's `{field}` is not set: {why}")]
    Missing {
        /// The builder's method that sets it.
        field: &'static str,
        /// What it is for.
        why: &'static str,
    },
    /// A field's value can't be used.
    #[error("the Kubernetes executor's `{field}` can't be used: {what}")]
    Invalid {
        /// The builder's method that sets it.
        field: &'static str,
        /// What is wrong with it, and what was expected.
        what: String,
    },
    /// How to reach the cluster could not be read: a kubeconfig, or the files that a pod is given.
    #[error("how to reach the cluster could not be read from {from}: {what}")]
    Connection {
        /// Where it was looked for.
        from: String,
        /// What is wrong there.
        what: String,
    },
}

impl BuildError {
    pub(crate) fn invalid(field: &'static str, what: impl fmt::Display) -> Self {
        Self::Invalid { field, what: what.to_string() }
    }
}
