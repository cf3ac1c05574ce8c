//! `Problem`: an error as the API writes it (RFC 9457).

use leviathan_core::BundleFault;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use utoipa::ToSchema;

/// Why a request was not answered as asked. Its JSON form is `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The status in words, for instance `Not Found`.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What happened to which thing, and what the caller can do.
    #[serde(default)]
    pub detail: String,
    /// For bad input: each fault with its JSON path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<crate::view::schema::FaultSchema>)]
    pub errors: Vec<BundleFault>,
    /// How long to wait before trying again. It travels as the header `Retry-After`, in whole seconds.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.title, self.detail)?;
        self.errors.iter().try_for_each(|fault| write!(f, "; {fault}"))
    }
}
