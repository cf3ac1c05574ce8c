//! Reading an answer, never more of it than was allowed for.

use super::ClientError;
use crate::Problem;
use bytes::{Bytes, BytesMut};
use leviathan_core::Timestamp;
use reqwest::{Response, header};
use serde::de::DeserializeOwned;
use std::time::{Duration, SystemTime};

/// The most that is read of an answer in JSON.
const MAX_JSON: u64 = 64 * 1024 * 1024;
/// The most that is read of a refusal.
const MAX_PROBLEM: u64 = 1024 * 1024;
/// How much of a refusal that is no problem document is repeated.
const MAX_QUOTED: usize = 300;

/// The answer as JSON of a known shape.
pub(super) async fn json<T: DeserializeOwned>(request: &str, response: Response) -> Result<T, ClientError> {
    let bytes = bytes(request, response, MAX_JSON).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ClientError::BadAnswer { request: request.to_owned(), what: error.to_string() })
}

/// The answer as text.
pub(super) async fn text(request: &str, response: Response) -> Result<String, ClientError> {
    let bytes = bytes(request, response, MAX_JSON).await?;
    String::from_utf8(bytes.into())
        .map_err(|error| ClientError::BadAnswer { request: request.to_owned(), what: error.to_string() })
}

/// A request whose time was over before an answer began.
pub(super) fn too_late(path: &[&str]) -> ClientError {
    let what = "no answer in time".to_owned();
    ClientError::NoAnswer { request: format!("GET /{}", path.join("/")), tries: 1, what }
}

/// All bytes of the answer, at most `limit`.
pub(super) async fn bytes(request: &str, mut response: Response, limit: u64) -> Result<Bytes, ClientError> {
    let mut all = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(request, error))? {
        if all.len() as u64 + chunk.len() as u64 > limit {
            let what = format!("it has more than {limit} bytes");
            return Err(ClientError::BadAnswer { request: request.to_owned(), what });
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

/// The answer if it is one of success, else what the control plane says is wrong.
pub(super) async fn accepted(request: &str, response: Response) -> Result<Response, ClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after =
        response.headers().get(header::RETRY_AFTER).and_then(|value| wait(value.to_str().ok()?));
    // What went wrong is worth telling even where its explanation is lost on the way.
    let body = bytes(request, response, MAX_PROBLEM).await.unwrap_or_default();
    let said = serde_json::from_slice::<Problem>(&body).unwrap_or_else(|_| Problem {
        title: status.canonical_reason().unwrap_or("Unknown").to_owned(),
        status: status.as_u16(),
        detail: String::from_utf8_lossy(&body).trim().chars().take(MAX_QUOTED).collect(),
        errors: Vec::new(),
        retry_after: None,
    });
    let problem = Problem { status: status.as_u16(), retry_after, ..said };
    Err(ClientError::Refused { request: request.to_owned(), tries: 1, problem })
}

/// A request that failed on its way, with all that lies below.
pub(super) fn no_answer(request: &str, error: reqwest::Error) -> ClientError {
    let error = error.without_url();
    let below = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    let what = below.fold(error.to_string(), |said, error| format!("{said}: {error}"));
    ClientError::NoAnswer { request: request.to_owned(), tries: 1, what }
}

/// A `Retry-After`: seconds, or a date.
fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?;
    let now = Timestamp::from(SystemTime::now());
    Some((until.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = Timestamp::from(SystemTime::now()) + Duration::from_secs(100);
        let waits = wait(&soon.to_rfc2822()).unwrap();
        assert!(Duration::from_secs(90) < waits && waits <= Duration::from_secs(100), "{waits:?}");
        assert_eq!(wait("soon"), None);
    }
}
