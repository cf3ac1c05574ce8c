//! `GitServer`: git over smart HTTP as a forge speaks it, by git's own program for that.

use crate::gate::Gate;
use crate::serving::{Serving, serve};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a [`GitServer`] does with whoever may come in.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Serves.
    Git,
    /// Gives this status and nothing else.
    Status(u16),
    /// Sends whoever asks to the same path at this place.
    Redirect(String),
    /// Breaks off in the middle of what git answers.
    BreaksOff,
    /// Never answers.
    Hangs,
}

/// Serves the repositories below a folder until it is stopped or the test's process ends.
#[derive(Debug)]
pub struct GitServer {
    url: String,
    shared: Shared,
    serving: Serving,
}

#[derive(Debug, Clone)]
struct Shared {
    root: PathBuf,
    /// The whole `Authorization` header that it wants.
    wanted: Option<String>,
    state: Arc<Mutex<Seen>>,
}

#[derive(Debug)]
struct Seen {
    answer: Answer,
    authorizations: Vec<Option<String>>,
}

impl GitServer {
    /// Serves the folder `root`: to anybody, or to whoever gives `token` as the password of the Basic scheme.
    ///
    /// # Panics
    /// If no port can be listened on.
    pub fn start(root: &Path, token: Option<&str>) -> Self {
        Self::start_behind(&Gate::default(), root, token)
    }

    /// The same behind a gate, which notes its requests as those of `git`.
    ///
    /// # Panics
    /// If no port can be listened on.
    pub fn start_behind(gate: &Gate, root: &Path, token: Option<&str>) -> Self {
        let state = Arc::new(Mutex::new(Seen { answer: Answer::Git, authorizations: Vec::new() }));
        let shared = Shared { root: root.to_owned(), wanted: token.map(authorization), state };
        let router =
            Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(shared.clone());
        let serving = serve(gate.before("git", router));
        Self { url: serving.url(), shared, serving }
    }

    /// From now on it answers like this whoever may come in.
    #[must_use]
    pub fn answering(self, answer: Answer) -> Self {
        self.answer(answer);
        self
    }

    /// From now on it answers like this whoever may come in.
    pub fn answer(&self, answer: Answer) {
        self.shared.seen().answer = answer;
    }

    /// The URL of what lies at `path` below the folder; without a path, of the server itself.
    pub fn url(&self, path: &str) -> String {
        if path.is_empty() { self.url.clone() } else { format!("{}/{path}", self.url) }
    }

    /// The Authorization header of each request that came.
    pub fn authorizations(&self) -> Vec<Option<String>> {
        self.shared.seen().authorizations.clone()
    }

    /// Ends it: nobody listens at its address any more, and who is being served is cut off.
    pub fn stop(self) {
        self.serving.stop();
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.state.lock().unwrap()
    }
}

/// As git says it for the user `x-access-token`, the name that GitHub wants with a token.
fn authorization(token: &str) -> String {
    format!("Basic {}", base64(format!("x-access-token:{token}").as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |chunk: &[u8]| {
        let bits = chunk.iter().chain([&0; 2]).take(3).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let digits = (0..4).map(move |at| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]));
        digits.take(chunk.len() + 1).chain(std::iter::repeat_n('=', 3 - chunk.len())).collect::<String>()
    };
    bytes.chunks(3).map(encode).collect()
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let answer = {
        let mut seen = shared.seen();
        seen.authorizations.push(given.clone());
        seen.answer.clone()
    };
    match answer {
        Answer::Status(status) => return StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect(to) => {
            return (StatusCode::FOUND, [(header::LOCATION, format!("{to}{}", request.uri()))])
                .into_response();
        }
        Answer::Hangs => std::future::pending().await,
        Answer::Git | Answer::BreaksOff => {}
    }
    if shared.wanted.is_some() && shared.wanted != given {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    }
    let response = run_backend(&shared.root, request).await;
    if matches!(answer, Answer::BreaksOff) { broken_off(response).await } else { response }
}

/// Half of an answer, and then nothing where more was promised.
async fn broken_off(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let half = whole.slice(..whole.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let broken = [Ok(half), Err(std::io::Error::other("seen by a test"))];
    Response::from_parts(parts, Body::from_stream(futures::stream::iter(broken)))
}

async fn run_backend(root: &Path, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        // Who is named may push.
        .env("REMOTE_USER", "somebody")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env(
            "CONTENT_LENGTH",
            if parts.method == Method::POST { body.len().to_string() } else { String::new() },
        )
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = backend.stdin.take().unwrap();
    // It answers while it reads.
    let feed = async move {
        let _ = stdin.write_all(&body).await;
    };
    let (output, ()) = tokio::join!(backend.wait_with_output(), feed);
    response_of(output.unwrap().stdout.into())
}

/// What a CGI program printed, as a response.
fn response_of(printed: Bytes) -> Response {
    let end = printed.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let mut response = Body::from(printed.slice(end + 4..)).into_response();
    for line in std::str::from_utf8(&printed[..end]).unwrap().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        if name == "Status" {
            *response.status_mut() = value[..3].parse().unwrap();
        } else {
            let name: header::HeaderName = name.parse().unwrap();
            response.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_written_as_the_basic_scheme_wants_it() {
        assert_eq!(authorization("t0ken-s3cret"), "Basic eC1hY2Nlc3MtdG9rZW46dDBrZW4tczNjcmV0");
        assert_eq!([base64(b"a"), base64(b"ab"), base64(b"abc")], ["YQ==", "YWI=", "YWJj"]);
    }
}
