//! `Api`: requests, sent again where that may help.

use super::answer;
use super::fault::Fault;
use crate::forge::ForgeError;
use crate::forge::error::Kinds;
use leviathan_core::{Clock, Secret, Timestamp};
use leviathan_http::client::{BaseUrl, ensure_tls_provider};
use reqwest::{Client, Method, RequestBuilder, Url, redirect};
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The version of the API that we were written for.
const API_VERSION: &str = "2022-11-28";
/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait for the answer to one request.
const REQUEST: Duration = Duration::from_secs(30);
/// The pause after the first failure. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, unless the forge asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The forge's API.
pub(super) struct Api {
    pub(super) base: BaseUrl,
    pub(super) request_timeout: Duration,
    token: Secret,
    http: Client,
    clock: Arc<dyn Clock>,
    /// Until when the forge wants to be left alone.
    quiet_until: Mutex<Option<Timestamp>>,
}

/// A request, which may be sent several times.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    url: Url,
    body: Option<serde_json::Value>,
}

impl Call {
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, body: None }
    }

    pub(super) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    pub(super) fn body(self, body: serde_json::Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl Api {
    pub(super) fn new(api_url: &str, token: Secret, clock: Arc<dyn Clock>) -> Result<Self, ForgeError> {
        let base = BaseUrl::parse(api_url)
            .map_err(|what| ForgeError::rejected(format!("the URL of the forge's API {what}")))?;
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ForgeError::rejected(
                "GITHUB_TOKEN must be visible ASCII characters without white space, and at least one",
            ));
        }
        ensure_tls_provider();
        let http = Client::builder()
            .user_agent(concat!("leviathan/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .build()
            .map_err(|error| {
                ForgeError::unavailable("no HTTP client can be made on this machine").with_source(error)
            })?;
        Ok(Self { base, request_timeout: REQUEST, token, http, clock, quiet_until: Mutex::default() })
    }

    /// Sends until an answer comes that trying again would not change, or the next try would begin after `deadline`.
    /// Tells the answer, and where its next page is.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        call: &Call,
        deadline: Timestamp,
    ) -> Result<(T, Option<Url>), Fault> {
        let mut tries = 0u32;
        loop {
            let fault = match self.quiet_for() {
                Some(left) => {
                    let what = "not sent, since the forge wants to be left alone for a while".to_owned();
                    Fault::Later { what, after: Some(left) }
                }
                None => {
                    tries += 1;
                    match self.once(call, deadline).await {
                        Ok(answer) => return Ok(answer),
                        Err(fault) => fault,
                    }
                }
            };
            let Fault::Later { what, after } = fault else { return Err(fault.of(&call.to_string())) };
            if let Some(after) = after {
                *self.quiet() = Some(self.clock.now() + after);
            }
            let pause = after.unwrap_or_default().max(self.backoff(tries));
            if self.clock.now() + pause >= deadline {
                let asked = after.map_or_else(String::new, |after| {
                    format!("; it wants to be asked again in {} s", after.as_secs())
                });
                let what = format!("{call}: {what} (after {tries} tries{asked})");
                return Err(Fault::Later { what, after });
            }
            tracing::warn!(%call, what, ?pause, "the forge is asked again");
            self.clock.sleep(pause).await;
        }
    }

    /// Waits, if there is time for that.
    pub(super) async fn wait(&self, pause: Duration, deadline: Timestamp) -> Result<(), ForgeError> {
        if self.clock.now() + pause >= deadline {
            return Err(ForgeError::unavailable(format!("{self} did not settle in the time that was left")));
        }
        self.clock.sleep(pause).await;
        Ok(())
    }

    async fn once<T: DeserializeOwned>(
        &self,
        call: &Call,
        deadline: Timestamp,
    ) -> Result<(T, Option<Url>), Fault> {
        let left = (deadline - self.clock.now()).to_std().unwrap_or_default();
        let request = self.request(call)?.timeout(left.min(self.request_timeout));
        let response = request.send().await.map_err(answer::none)?;
        answer::read(response, self.clock.now()).await.map_err(|fault| self.without_token(fault))
    }

    /// The request with all that the API wants to see. A page may say where the next one is: the token goes there only if
    /// that is the same server.
    fn request(&self, call: &Call) -> Result<RequestBuilder, Fault> {
        if call.url.origin() != self.base.at(&[]).origin() {
            return Err(Fault::Rejected("it is on another server than the API".to_owned()));
        }
        let request = self
            .http
            .request(call.method.clone(), call.url.clone())
            .bearer_auth(self.token.expose())
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", API_VERSION);
        Ok(match &call.body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    /// A server that repeats what it was sent must not bring the token into a log.
    fn without_token(&self, fault: Fault) -> Fault {
        let hide = |what: String| what.replace(self.token.expose(), "[secret]");
        fault.map(hide)
    }

    /// How long the forge still wants to be left alone.
    fn quiet_for(&self) -> Option<Duration> {
        let until = (*self.quiet())?;
        (until - self.clock.now()).to_std().ok().filter(|left| !left.is_zero())
    }

    fn quiet(&self) -> std::sync::MutexGuard<'_, Option<Timestamp>> {
        self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pause behind so many tries: doubled each time, and spread by up to a half so that workers do not come at once.
    fn backoff(&self, tries: u32) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
        let spread = self.clock.now().timestamp_subsec_micros() % 1000;
        doubled.saturating_sub(doubled / 2000 * spread)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("base", &self.base).finish_non_exhaustive()
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the forge at {:?}", self.base)
    }
}
