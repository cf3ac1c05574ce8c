//! `ControlPlane`: a control plane somewhere else.

use super::base_url::BaseUrl;
use super::{Asking, ClientError, answer, following, retry, tls};
use crate::view::{EventView, IngestReceipt};
use bytes::Bytes;
use futures::Stream;
use leviathan_core::artifact::{ArtifactStream, StoredArtifact};
use leviathan_core::log::{Hash, Position};
use leviathan_core::{Bundle, Secret};
use reqwest::{Body, Client, Method, RequestBuilder, Response, header, redirect};
use std::fmt;
use std::time::{Duration, Instant};

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait for the answer to one request that carries no artifact, or for the next bytes of an artifact.
pub(super) const REQUEST: Duration = Duration::from_secs(30);

/// A control plane somewhere else, spoken to over HTTP. Cheap to clone; clones share their connections.
///
/// Redirects are not followed, so the token goes nowhere but to the URL that it was given for.
#[derive(Clone)]
pub struct ControlPlane {
    base: BaseUrl,
    token: Secret,
    http: Client,
}

impl ControlPlane {
    /// Makes ready to speak to the control plane at `base_url`. Nothing is sent yet.
    ///
    /// If the host installed no TLS provider for the process, ring is installed.
    ///
    /// # Errors
    /// `BadUrl`, `BadToken`; `NoClient` if the machine's certificates or network cannot be used.
    ///
    /// ```
    /// # use leviathan_core::Secret;
    /// # use leviathan_http::client::{ClientError, ControlPlane};
    /// let control_plane = ControlPlane::new("http://127.0.0.1:8000", Secret::new("a-worker-token"))?;
    /// # let _ = control_plane;
    /// # Ok::<_, ClientError>(())
    /// ```
    pub fn new(base_url: &str, token: Secret) -> Result<Self, ClientError> {
        let base = BaseUrl::parse(base_url).map_err(|what| ClientError::BadUrl { what })?;
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            let what = "must be visible ASCII characters without white space, and at least one".to_owned();
            return Err(ClientError::BadToken { what });
        }
        tls::ensure_tls_provider();
        let http = Client::builder()
            .user_agent(concat!("leviathan/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(REQUEST)
            .build()
            .map_err(|error| ClientError::NoClient { what: error.to_string() })?;
        Ok(Self { base, token, http })
    }

    /// Reports a bundle, trying again until `deadline`. Sending a bundle again is harmless, so no answer is no reason not
    /// to.
    ///
    /// # Errors
    /// `Refused` with the problem and its faults if the control plane will not have it, or not before `deadline`;
    /// `NoAnswer` if none came before `deadline`.
    pub async fn ingest(&self, bundle: &Bundle, deadline: Instant) -> Result<IngestReceipt, ClientError> {
        let json = Bytes::from(bundle.to_json());
        retry::until(deadline, |left| {
            let request = self
                .request(Method::POST, &["v1", "events", "ingest"])
                .header(header::CONTENT_TYPE, "application/json")
                .timeout(left.min(REQUEST))
                .body(json.clone());
            async move {
                let (name, response) = self.send(request).await?;
                answer::json(&name, response).await
            }
        })
        .await
    }

    /// Hands over bytes, trying again until `deadline`.
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest).
    pub async fn put_artifact(
        &self,
        content: Bytes,
        deadline: Instant,
    ) -> Result<StoredArtifact, ClientError> {
        self.put(Hash::of(&content), || Body::from(content.clone()), deadline).await
    }

    /// Hands over bytes that are not in memory, trying again until `deadline`. `open` gives them from their beginning, for
    /// each try anew; `sha256` is their digest.
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest); `Refused` with 422 if the bytes have another digest.
    pub async fn put_artifact_stream(
        &self,
        sha256: Hash,
        open: impl Fn() -> ArtifactStream,
        deadline: Instant,
    ) -> Result<StoredArtifact, ClientError> {
        self.put(sha256, || Body::wrap_stream(open()), deadline).await
    }

    async fn put(
        &self,
        sha256: Hash,
        body: impl Fn() -> Body,
        deadline: Instant,
    ) -> Result<StoredArtifact, ClientError> {
        let digest = sha256.to_string();
        retry::until(deadline, |left| {
            let request = self.request(Method::PUT, &["v1", "artifacts", &digest]).timeout(left).body(body());
            async move {
                let (name, response) = self.send(request).await?;
                answer::json(&name, response).await
            }
        })
        .await
    }

    /// Fetches bytes, at most `limit`, and checks that they are what they are called. Tries again until `deadline`.
    ///
    /// # Errors
    /// `Refused` with 404 if there are none; `BadAnswer` if they are more than `limit` or have another digest.
    pub async fn get_artifact(
        &self,
        sha256: Hash,
        limit: u64,
        deadline: Instant,
    ) -> Result<Bytes, ClientError> {
        let digest = sha256.to_string();
        retry::until(deadline, |left| {
            let request = self.request(Method::GET, &["v1", "artifacts", &digest]).timeout(left);
            async move {
                let (name, response) = self.send(request).await?;
                let bytes = answer::bytes(&name, response, limit).await?;
                if Hash::of(&bytes) == sha256 {
                    return Ok(bytes);
                }
                let what = "the bytes have another digest than they were asked for by".to_owned();
                Err(ClientError::BadAnswer { request: name, what })
            }
        })
        .await
    }

    /// What operators ask and order, answered by `deadline`.
    ///
    /// ```no_run
    /// # use leviathan_http::client::{AttemptQuery, ClientError, ControlPlane};
    /// # use std::time::{Duration, Instant};
    /// # async fn ask(control_plane: ControlPlane) -> Result<(), ClientError> {
    /// let asking = control_plane.asking_until(Instant::now() + Duration::from_secs(10));
    /// let newest = asking.attempts(&AttemptQuery { limit: Some(10), ..Default::default() }).await?;
    /// # let _ = newest;
    /// # Ok(())
    /// # }
    /// ```
    pub fn asking_until(&self, deadline: Instant) -> Asking<'_> {
        Asking { control_plane: self, deadline }
    }

    /// The same, answered within half a minute.
    pub fn asking(&self) -> Asking<'_> {
        self.asking_until(Instant::now() + REQUEST)
    }

    /// The events behind `after`, and what comes, each once and in the order of the log, for as long as the stream is read.
    ///
    /// A connection that is lost is made anew where it was lost. The stream ends with the first error that trying again
    /// would not change: `Refused` for instance with 401, or `BadAnswer`.
    pub fn follow(
        &self,
        after: Position,
    ) -> impl Stream<Item = Result<EventView, ClientError>> + Send + use<> {
        following::follow(self.clone(), after)
    }

    /// Whether the control plane's process lives. Asked once.
    ///
    /// # Errors
    /// `Refused`, `NoAnswer`.
    pub async fn healthy(&self) -> Result<(), ClientError> {
        self.send(self.http.get(self.base.at(&["healthz"])).timeout(REQUEST)).await.map(drop)
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.http.request(method, self.base.at(path)).bearer_auth(self.token.expose())
    }

    /// The same with parameters.
    pub(super) fn request_with(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
    ) -> RequestBuilder {
        let mut url = self.base.at(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.http.request(method, url).bearer_auth(self.token.expose())
    }

    /// Sends a request once and gives its name for errors with its answer, if that is one of success.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<(String, Response), ClientError> {
        let request = request.build().map_err(|error| ClientError::NoClient { what: error.to_string() })?;
        let name = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await.map_err(|error| answer::no_answer(&name, error))?;
        let response = answer::accepted(&name, response).await?;
        Ok((name, response))
    }
}

impl fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlPlane").field("base", &self.base).finish_non_exhaustive()
    }
}
