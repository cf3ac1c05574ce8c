//! `Asked`: the parameters of a request's query.

use super::refuse::{BAD_REQUEST, bad_part};
use crate::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use leviathan_core::BundleFault;
use std::fmt::Display;
use std::str::FromStr;

/// The parameters of a request's query, read one after the other. What cannot be read is a fault; all are told at once.
pub(super) struct Asked {
    pairs: Vec<(String, String)>,
    faults: Vec<BundleFault>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|error| bad_part("query", error.body_text()))?;
        Ok(Self { pairs, faults: Vec::new() })
    }
}

impl Asked {
    /// The value of a parameter, if it was given.
    pub(super) fn read<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        self.read_with(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The value of a parameter as `read` makes it of its text, or says why it can't.
    pub(super) fn read_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next()?;
        let read = match values.next() {
            None => read(value),
            Some(_) => Err("it is given more than once".to_owned()),
        };
        read.map_err(|what| self.faults.push(BundleFault { path: name.to_owned(), what })).ok()
    }

    /// A number, if it was given. No position of a log is beyond what a signed number holds.
    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        self.read_with(name, |text| {
            let number = text.parse().ok().filter(|number| i64::try_from(*number).is_ok());
            number.ok_or_else(|| format!("expected a whole number of at most {}, not {text:?}", i64::MAX))
        })
    }

    /// How many are asked for, of which at least one and at most `most` are given at once.
    pub(super) fn limit(&mut self, otherwise: usize, most: usize) -> usize {
        let limit = self.read_with("limit", |text| {
            let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
            limit.ok_or_else(|| format!("expected a whole number from 1 to {most}, not {text:?}"))
        });
        limit.unwrap_or(otherwise)
    }

    /// Goes on if all that was read could be used.
    pub(super) fn end(self) -> Result<(), Problem> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(BAD_REQUEST.because("the query cannot be used").with_faults(self.faults))
    }
}
