//! `Api`: a control plane on a socket.

use super::{HeldStore, Kept, TokioClock, soon};
use crate::support::kept::Stores;
use bytes::Bytes;
use chrono::TimeDelta;
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::AttemptTokens;
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{AttemptId, ExecutorName, LogId};
use leviathan_core::store::EventStore;
use leviathan_core::{Clock, CompleteOn, Ledger, NewLog, Secret, TargetConfig, TargetPolicy};
use leviathan_http::client::ControlPlane;
use leviathan_http::server::{ApiState, Metrics, Tokens, router, serve};
use leviathan_http::{Problem, TokenKey};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const OPERATOR: &str = "operator-hunter2";
pub(crate) const OPERATOR_BEFORE: &str = "operator-hunter1";
pub(crate) const WORKER: &str = "worker-hunter3";
const TOKEN_KEY: &str = "hunter4-0123456789abcdef0123456789";

pub(crate) struct Api {
    pub(crate) at: SocketAddr,
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<HeldStore>,
    pub(crate) artifacts: Arc<dyn ArtifactStore>,
    http: reqwest::Client,
    shutdown: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
    _folder: Option<TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::start_with(|state| state).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(ApiState) -> ApiState) -> Self {
        Self::start_in(Kept::usual(), configure).await
    }

    pub(crate) async fn start_in(kept: Kept, configure: impl FnOnce(ApiState) -> ApiState) -> Self {
        Self::build(new_listener().await, kept.open().await, configure).await
    }

    pub(crate) async fn start_over(artifacts: Arc<dyn ArtifactStore>) -> Self {
        let stores = Stores { artifacts, ..Kept::usual().open().await };
        Self::build(new_listener().await, stores, |state| state).await
    }

    pub(crate) async fn start_over_log(events: Arc<dyn EventStore>) -> Self {
        let stores = Stores { events, ..Kept::Memory.open().await };
        Self::build(new_listener().await, stores, |state| state).await
    }

    pub(crate) async fn start_on(listener: TcpListener) -> Self {
        Self::build(listener, Kept::usual().open().await, |state| state).await
    }

    async fn build(
        listener: TcpListener,
        stores: Stores,
        configure: impl FnOnce(ApiState) -> ApiState,
    ) -> Self {
        let Stores { events, artifacts, folder } = stores;
        let store = Arc::new(HeldStore::over(events));
        let new = NewLog { log_id: LogId::from_u128(7), name: "test".into() };
        let metrics = Metrics::new();
        let metered = metrics.metered(store.clone());
        let (ledger, task) = Ledger::open(metered, Arc::new(TokioClock), new).await.unwrap();
        tokio::spawn(task.run());
        let secrets = |texts: &[&str]| texts.iter().map(|text| Secret::new(*text)).collect();
        let tokens = Tokens::new(secrets(&[OPERATOR, OPERATOR_BEFORE]), secrets(&[WORKER]))
            .unwrap()
            .with_keys(vec![token_key()]);
        let state = configure(ApiState::new(ledger.clone(), artifacts.clone(), tokens).with_metrics(metrics));
        let at = listener.local_addr().unwrap();
        let (shutdown, told) = oneshot::channel::<()>();
        let shutdown_told = async move {
            let _ = told.await;
        };
        let served = tokio::spawn(serve(listener, router(state), shutdown_told));
        // Makes a TLS provider, without which reqwest makes no client.
        drop(ControlPlane::new("http://127.0.0.1:1", Secret::new("x")).unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { at, ledger, store, artifacts, http, shutdown, served, _folder: folder }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// The client that is tested, with this token.
    pub(crate) fn client(&self, token: &str) -> ControlPlane {
        ControlPlane::new(&self.url(""), Secret::new(token)).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).bearer_auth(OPERATOR)).await
    }

    pub(crate) async fn put_artifact(&self, digest: &str, content: &[u8]) -> Answer {
        let path = format!("/v1/artifacts/{digest}");
        Answer::of(self.request(Method::PUT, &path).bearer_auth(WORKER).body(content.to_vec())).await
    }

    pub(crate) async fn post_bundle(&self, json: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, "/v1/events/ingest").bearer_auth(WORKER);
        Answer::of(request.header("content-type", "application/json").body(json)).await
    }

    /// Has a bundle recorded.
    pub(crate) async fn tell(&self, bundle: serde_json::Value) {
        let bundle = leviathan_core::Bundle::parse(bundle.to_string().as_bytes()).unwrap();
        self.ledger.submit(Command::Ingest(bundle)).await.unwrap();
    }

    /// A target with one task that may start.
    pub(crate) async fn add_task(&self) -> TaskKey {
        let target_id = "radix".parse().unwrap();
        let config = TargetConfig {
            target_id,
            repo_url: "/srv/radix.git".into(),
            default_branch: "main".into(),
            complete_on: CompleteOn::Pushed,
            limits: Default::default(),
            forge: Default::default(),
        };
        let task: TaskFields =
            serde_json::from_str(r#"{"task_id":"docs","title":"Write the guide","ready":true}"#).unwrap();
        let key = TaskKey::new(config.target_id.clone(), task.task_id.clone());
        let sync = Command::SyncBacklog {
            target: config.target_id.clone(),
            commit: "c0ffee".into(),
            policy: TargetPolicy::default(),
            backlog: Backlog { tasks: vec![task], ..Backlog::default() },
        };
        for command in [Command::RegisterTarget(config), sync] {
            self.ledger.submit(command).await.unwrap();
        }
        key
    }

    /// An attempt that the scheduler opened for an executor of ours.
    pub(crate) async fn open_attempt(&self) -> AttemptId {
        let task = self.add_task().await;
        let executor = ExecutorName::new("test").unwrap();
        let start = Command::StartAttempt { task: task.clone(), executor, leadership: None };
        self.ledger.submit(start).await.unwrap();
        self.ledger.read(|graph| graph.task(&task).unwrap().attempts[0].clone())
    }

    /// Tells the server to stop, without waiting for it.
    pub(crate) fn stop(self) -> JoinHandle<std::io::Result<()>> {
        self.shutdown.send(()).unwrap();
        self.served
    }
}

async fn new_listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn token_key() -> TokenKey {
    TokenKey::new(&Secret::new(TOKEN_KEY)).unwrap()
}

/// A token for the worker of an attempt, which expires in so many seconds or did so before.
pub(crate) fn attempt_token(attempt: &str, expires_in: i64) -> String {
    let expires = TokioClock.now() + TimeDelta::seconds(expires_in);
    token_key().token_for(&AttemptId::new(attempt).unwrap(), expires).expose().to_owned()
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = soon(request.send()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: soon(response.bytes()).await.unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn ok<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem, which must be of this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Problem {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, status);
        assert!(!problem.title.is_empty() && !problem.detail.is_empty(), "{problem}");
        problem
    }
}
