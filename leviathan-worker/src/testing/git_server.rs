//! `GitServer`: git over http as a forge speaks it, by git's own CGI program.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// The token that servers with [`Answer::WithToken`] want.
pub(crate) const TOKEN: &str = "t0ken-s3cret";
/// How it comes over the wire: the Basic scheme's text for `x-access-token` and the token.
const AUTHORIZATION: &str = "Basic eC1hY2Nlc3MtdG9rZW46dDBrZW4tczNjcmV0";

/// What a server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Serves it to anybody.
    Open,
    /// Serves it to who knows the token, and asks all others for it.
    WithToken,
    /// Gives this status and nothing else.
    Status(u16),
    /// Sends whoever asks to this place.
    Redirect(String),
}

/// Serves the repositories of a folder until the test ends.
#[derive(Debug)]
pub(crate) struct GitServer {
    address: SocketAddr,
    authorizations: Arc<Mutex<Vec<Option<String>>>>,
}

impl GitServer {
    pub(crate) fn start(root: &Path, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let authorizations = Arc::<Mutex<Vec<_>>>::default();
        let (root, seen) = (root.to_owned(), authorizations.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (root, answer, seen) = (root.clone(), answer.clone(), seen.clone());
                std::thread::spawn(move || serve(stream, &root, &answer, &seen));
            }
        });
        Self { address, authorizations }
    }

    pub(crate) fn url(&self, repository: &str) -> String {
        format!("http://{}/{repository}", self.address)
    }

    /// The Authorization header of each request that came.
    pub(crate) fn authorizations(&self) -> Vec<Option<String>> {
        self.authorizations.lock().unwrap().clone()
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn serve(stream: TcpStream, root: &Path, answer: &Answer, seen: &Mutex<Vec<Option<String>>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let Some(request) = read_request(&mut reader) else { return };
    let authorization = request.headers.get("authorization").cloned();
    seen.lock().unwrap().push(authorization.clone());
    let response = match answer {
        Answer::Status(status) => head(&format!("{status} No"), &[], b""),
        Answer::Redirect(to) => {
            head("302 Found", &[format!("Location: {to}{}?{}", request.path, request.query)], b"")
        }
        Answer::WithToken if authorization.as_deref() != Some(AUTHORIZATION) => {
            head("401 Unauthorized", &["WWW-Authenticate: Basic realm=\"git\"".to_owned()], b"")
        }
        Answer::Open | Answer::WithToken => run_backend(root, &request),
    };
    let mut stream = stream;
    let _ = stream.write_all(&response);
}

fn head(status: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = u64::from_str_radix(size.trim(), 16).ok()?;
            reader.take(size).read_to_end(&mut body).ok()?;
            reader.read_line(&mut String::new()).ok()?;
            if size == 0 {
                break;
            }
        }
    } else {
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        reader.take(length).read_to_end(&mut body).ok()?;
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

fn run_backend(root: &Path, request: &Request) -> Vec<u8> {
    let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "somebody")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    backend.stdin.take().unwrap().write_all(&request.body).unwrap();
    let output = backend.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let cgi_headers = String::from_utf8(output[..end].to_vec()).unwrap();
    let status = cgi_headers.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let headers: Vec<_> =
        cgi_headers.lines().filter(|line| !line.starts_with("Status:")).map(str::to_owned).collect();
    head(status, &headers, &output[end + 4..])
}

/// Installs a hook that refuses every push with this sentence.
pub(crate) fn refuse_pushes(repository: &Path, sentence: &str) {
    use std::os::unix::fs::PermissionsExt;
    let hook: PathBuf = repository.join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\necho '{sentence}' >&2\nexit 1\n")).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}
