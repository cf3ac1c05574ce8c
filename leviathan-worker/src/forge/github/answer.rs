//! What an answer means: a page, a refusal for good, or a word to come back later.

use super::fault::Fault;
use super::link;
use bytes::{Bytes, BytesMut};
use leviathan_core::Timestamp;
use reqwest::header::{HeaderMap, LINK, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The most that is read of an answer: a page of a hundred pull requests with the longest texts has a third of it.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// How much of what the forge says is repeated.
const MAX_QUOTED: usize = 500;
/// How long to wait for a limit that does not say when it ends, as the API's documentation advises.
const UNSAID_LIMIT: Duration = Duration::from_secs(60);

/// Why a request was refused, as the API writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
    errors: Vec<serde_json::Value>,
}

/// Reads an answer, and where the next page is.
pub(super) async fn read<T: DeserializeOwned>(
    response: Response,
    now: Timestamp,
) -> Result<(T, Option<Url>), Fault> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        // What went wrong is worth telling even where its explanation is lost on the way.
        let body = body(response).await.unwrap_or_default();
        return Err(refused(status, &headers, &body, now));
    }
    let body = body(response).await?;
    let unread = |error: serde_json::Error| later(format!("the answer can't be used: {error}"));
    let json = serde_json::from_slice(&body).map_err(unread)?;
    let link = headers.get(LINK).and_then(|header| header.to_str().ok()).and_then(link::next);
    Ok((json, link.and_then(|link| Url::parse(link).ok())))
}

/// A request that was not answered, with all that lies below.
pub(super) fn none(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let below = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    later(below.fold(error.to_string(), |said, error| format!("{said}: {error}")))
}

fn later(what: String) -> Fault {
    Fault::Later { what, after: None }
}

async fn body(mut response: Response) -> Result<Bytes, Fault> {
    let mut all = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(none)? {
        if all.len() + chunk.len() > MAX_BODY {
            return Err(later(format!("the answer has more than {MAX_BODY} bytes")));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Fault {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let what = said(status, &refusal);
    if let Some(after) = limited(status, headers, &refusal, now) {
        return Fault::Later { what, after: Some(after) };
    }
    let has = |holds: &dyn Fn(&serde_json::Value) -> bool| refusal.errors.iter().any(holds);
    match status.as_u16() {
        401 => Fault::Denied(format!("{what}; GITHUB_TOKEN must hold a token that is valid")),
        403 => Fault::Denied(format!(
            "{what}; the token of GITHUB_TOKEN must be allowed to read and write pull requests"
        )),
        404 => {
            Fault::Missing(format!("{what}; it is not there, or the token of GITHUB_TOKEN may not see it"))
        }
        422 if has(&|error| text(error, "message").contains("already exists")) => Fault::Exists(what),
        // Just after a push the forge may not know its branch yet.
        422 if has(&|error| text(error, "field") == "head" && text(error, "code") == "invalid") => {
            later(what)
        }
        300..=399 => Fault::Rejected(format!("{what}; if the repository moved, give its new URL")),
        408 | 500..=599 => Fault::Later { what, after: asked_to_wait(headers, now) },
        _ => Fault::Rejected(what),
    }
}

/// How long a limit lasts that the request ran into.
fn limited(status: StatusCode, headers: &HeaderMap, refusal: &Refusal, now: Timestamp) -> Option<Duration> {
    if !matches!(status.as_u16(), 403 | 429) {
        return None;
    }
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    if let Some(wait) = asked_to_wait(headers, now) {
        return Some(wait);
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = number("x-ratelimit-reset").and_then(|at| Timestamp::from_timestamp(at, 0));
        // The forge's clock and ours may differ by a little.
        let wait = |reset: Timestamp| (reset - now).to_std().unwrap_or_default() + Duration::from_secs(1);
        return Some(reset.map_or(UNSAID_LIMIT, wait));
    }
    let told = refusal.message.to_ascii_lowercase().contains("rate limit");
    (told || status == StatusCode::TOO_MANY_REQUESTS).then_some(UNSAID_LIMIT)
}

/// A `Retry-After`: seconds, or a date.
fn asked_to_wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some((until.to_utc() - now).to_std().unwrap_or_default())
}

fn said(status: StatusCode, refusal: &Refusal) -> String {
    let errors = refusal.errors.iter().map(|error| match text(error, "message") {
        "" => [text(error, "field"), text(error, "code")].join(" "),
        message => message.to_owned(),
    });
    let all: Vec<String> = std::iter::once(refusal.message.clone()).chain(errors).collect();
    let quoted: String =
        all.join("; ").trim().chars().filter(|character| !character.is_control()).take(MAX_QUOTED).collect();
    let told = if quoted.is_empty() { "no explanation" } else { &quoted };
    format!("it answered {status}: {told}")
}

/// A text of a JSON object, or the text that stands in its place.
fn text<'a>(error: &'a serde_json::Value, name: &str) -> &'a str {
    match error {
        serde_json::Value::String(message) if name == "message" => message,
        error => error.get(name).and_then(serde_json::Value::as_str).unwrap_or_default(),
    }
}
