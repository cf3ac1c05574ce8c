//! `POST /v1/webhooks/github`: a forge that says that something happened.

use super::refusals::{BadRequest, BodyTooLarge, NoSuchThing, NotSigned};
use super::refuse::{NOT_FOUND, UNAUTHORIZED, bad_part};
use super::state::ApiState;
use super::unread::unread;
use crate::Problem;
use crate::view::WebhookReceipt;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use leviathan_core::Secret;
use leviathan_core::graph::{Graph, Target};
use leviathan_core::id::TargetId;
use serde::Deserialize;
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;

/// The largest webhook that is read, in bytes. One about a pull request has some tens of thousands.
pub(super) const MAX_WEBHOOK_BYTES: usize = 1024 * 1024;
const SIGNATURE: &str = "x-hub-signature-256";
const EVENT: &str = "x-github-event";

/// How a host takes it that something happened to a target's pull requests: it asks the forge at once, not in a minute.
pub type OnForgeNews = Arc<dyn Fn(&TargetId) + Send + Sync>;

/// What makes webhooks worth listening to.
#[derive(Clone)]
pub(super) struct Webhooks {
    secret: Secret,
    news: OnForgeNews,
}

impl Webhooks {
    pub(super) fn new(secret: Secret, news: OnForgeNews) -> Self {
        Self { secret, news }
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

/// What is read of a webhook about a pull request.
#[derive(Deserialize)]
struct News {
    repository: Repository,
}

#[derive(Deserialize)]
struct Repository {
    /// `owner/name`.
    full_name: String,
}

/// Tells that something happened to a pull request.
///
/// It only hastens: the control plane then asks the forge itself, and records what the forge answers. So one that is
/// repeated, comes late or speaks of a repository that nobody works on does nothing. It bears no token but the header
/// `X-Hub-Signature-256`; without a secret to check that by, webhooks are not taken.
#[utoipa::path(
    post,
    path = "/v1/webhooks/github",
    operation_id = "githubWebhook",
    params(
        ("X-Hub-Signature-256" = String, Header, description = "`sha256=` and the HMAC of the body in hex digits."),
        ("X-GitHub-Event" = String, Header, description = "What kind of event it is; `pull_request` is listened to."),
    ),
    request_body(content = Object, description = "The event, as GitHub sends it."),
    responses(
        (status = 202, description = "It is genuine; for which targets the forge is asked.", body = WebhookReceipt),
        BadRequest,
        NotSigned,
        NoSuchThing,
        BodyTooLarge,
    )
)]
pub(super) async fn github(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<WebhookReceipt>), Problem> {
    let none = || {
        NOT_FOUND
            .because("this control plane takes no webhooks: it was started without a secret to check them by")
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let event = header(EVENT).ok_or_else(|| bad_part("X-GitHub-Event", "expected the kind of event"))?;
    let signature = header(SIGNATURE).ok_or_else(not_signed)?;
    let webhooks = api.webhooks.as_ref().ok_or_else(none)?;
    let body = body.map_err(|rejection| unread(rejection, "a webhook", MAX_WEBHOOK_BYTES))?;
    if !is_signed(&webhooks.secret, &body, signature) {
        return Err(not_signed());
    }
    let targets = match event {
        "pull_request" => {
            let news: News = serde_json::from_slice(&body).map_err(|error| bad_part("body", error))?;
            api.ledger.read(|graph| targets_of(graph, &news.repository.full_name))
        }
        _ => Vec::new(),
    };
    targets.iter().for_each(|target| (webhooks.news)(target));
    Ok((StatusCode::ACCEPTED, Json(WebhookReceipt { status: "accepted".to_owned(), targets })))
}

fn not_signed() -> Problem {
    UNAUTHORIZED.because(
        "the header X-Hub-Signature-256 is not the HMAC of this body by the secret that was agreed on",
    )
}

/// Compares in constant time.
fn is_signed(secret: &Secret, body: &[u8], signature: &str) -> bool {
    let digits = signature.strip_prefix("sha256=").and_then(|digits| hex::decode(digits).ok());
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes());
    match (digits, mac) {
        (Some(digits), Ok(mac)) => mac.chain_update(body).verify_slice(&digits).is_ok(),
        _ => false,
    }
}

/// The targets with a forge whose repository has this owner and name. There are few targets.
fn targets_of(graph: &Graph, full_name: &str) -> Vec<TargetId> {
    let is_it = |target: &&Target| !target.forge.is_none() && ends_with(&target.repo_url, full_name);
    graph.targets().filter(is_it).map(|target| target.target_id.clone()).collect()
}

/// Whether a repository's URL or path ends with its owner and name. Case does not matter to GitHub.
fn ends_with(repo_url: &str, full_name: &str) -> bool {
    let url = repo_url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url).to_lowercase();
    let rest = url.strip_suffix(&full_name.to_lowercase());
    full_name.contains('/') && rest.is_some_and(|rest| rest.ends_with(['/', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_the_body_as_github_documents_it() {
        // The example of GitHub's documentation, "Validating webhook deliveries".
        let secret = Secret::new("It's a Secret to Everybody");
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed(&secret, b"Hello, World!", signature));
        assert!(!is_signed(&secret, b"Hello, World?", signature));
        assert!(!is_signed(&Secret::new("another"), b"Hello, World!", signature));
        for bad in ["", "sha256=", "sha256=75", "sha1=757107ea", &signature[7..], &signature[..70]] {
            assert!(!is_signed(&secret, b"Hello, World!", bad), "{bad}");
        }
    }

    #[test]
    fn a_repository_is_known_by_its_owner_and_name() {
        for url in [
            "https://github.com/acme/radix",
            "https://github.com/Acme/Radix.git/",
            "git@github.com:acme/radix.git",
        ] {
            assert!(ends_with(url, "acme/radix"), "{url}");
        }
        for (url, name) in [
            ("https://github.com/xacme/radix", "acme/radix"),
            ("https://github.com/acme/radix", "radix"),
            ("https://github.com/acme/radix", ""),
            ("https://github.com/acme/radix2", "acme/radix"),
        ] {
            assert!(!ends_with(url, name), "{url} {name}");
        }
    }
}
