//! `Asked`: the query of a request, and the limit that it may name.

use super::refuse::bad_part;
use crate::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The query of a request. What cannot be read of it is a problem.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|error| bad_part("query", error.body_text()))
    }
}

/// How many are asked for, of which at least one and at most `most` are given at once.
pub(super) fn limit(asked: Option<u64>, otherwise: usize, most: usize) -> Result<usize, Problem> {
    let Some(asked) = asked else { return Ok(otherwise) };
    let limit = usize::try_from(asked).ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| {
        bad_part("limit", format_args!("expected a whole number from 1 to {most}, not {asked}"))
    })
}
