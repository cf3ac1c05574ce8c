//! `TargetLimits`: the limits of one target.

use super::{Breaker, Budget};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// The limits of one target. They are part of how it is registered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetLimits {
    /// How many attempts of it may be open at once; else the log's number for each target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_running: Option<NonZeroU32>,
    /// How many of its tasks may have an open pull request or an open attempt at once. The backlog's own number holds as
    /// well: the smaller of both counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_open_prs: Option<NonZeroU32>,
    /// What its attempts together may use in one day; the log's budget holds as well.
    #[serde(skip_serializing_if = "Budget::is_unlimited")]
    pub budget: Budget,
    /// When it is left alone; else the log's breaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Folders and files from the repository's root. Only tasks whose `allowed_paths` all lead into one of them are
    /// started. Empty means that every task may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_prefixes: Vec<String>,
}
