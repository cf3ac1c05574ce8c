//! `Cluster`: the requests that an executor makes of the API server, each with a bound.

use super::api_error::ApiError;
use crate::config::Config;
use crate::job::{CONTROLLER_UID, WORKER, fleet_selector};
use futures::AsyncBufRead;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, LogParams, PostParams, Preconditions, PropagationPolicy};
use kube::core::request::Request;
use kube::core::{DeserializeGuard, Resource};
use std::time::Duration;

/// The API server, as far as one namespace and one fleet go.
#[derive(Clone)]
pub(super) struct Cluster {
    client: kube::Client,
    jobs: Api<Job>,
    pods: Api<Pod>,
    events: Api<Event>,
    namespace: String,
    /// What selects the fleet's Jobs and pods.
    pub(super) selector: String,
    pub(super) call_timeout: Duration,
}

impl Cluster {
    pub(super) fn new(client: kube::Client, config: &Config) -> Self {
        let namespace = &config.namespace;
        Self {
            jobs: Api::namespaced(client.clone(), namespace),
            pods: Api::namespaced(client.clone(), namespace),
            events: Api::namespaced(client.clone(), namespace),
            namespace: namespace.clone(),
            selector: fleet_selector(&config.fleet),
            call_timeout: config.call_timeout,
            client,
        }
    }

    /// Objects of the fleet, where one that can't be read does not hide the others.
    pub(super) fn guarded<K>(&self) -> Api<DeserializeGuard<K>>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(super) async fn create_job(&self, job: &Job) -> Result<Job, ApiError> {
        let asked = format!("create the Job {}", job.metadata.name.as_deref().unwrap_or_default());
        self.within(&asked, self.jobs.create(&PostParams::default(), job)).await
    }

    pub(super) async fn get_job(&self, name: &str) -> Result<Option<Job>, ApiError> {
        self.within(&format!("show the Job {name}"), self.jobs.get_opt(name)).await
    }

    /// Deletes the Job of this uid, and no other that took its name. One that is gone is as good. Gives what is left of it.
    pub(super) async fn delete_job(
        &self,
        name: &str,
        uid: &str,
        policy: PropagationPolicy,
    ) -> Result<Option<Job>, ApiError> {
        let how = DeleteParams { propagation_policy: Some(policy), ..only(uid) };
        let deleted = self.within(&format!("delete the Job {name}"), self.jobs.delete(name, &how)).await;
        match deleted {
            Ok(left) => Ok(left.left()),
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes the pod of this uid, and kills it after so many seconds. One that is gone is as good.
    pub(super) async fn delete_pod(&self, name: &str, uid: &str, grace: u32) -> Result<(), ApiError> {
        let how = DeleteParams { grace_period_seconds: Some(grace), ..only(uid) };
        match self.within(&format!("delete the pod {name}"), self.pods.delete(name, &how)).await {
            Err(error) if !error.is_gone() => Err(error),
            _ => Ok(()),
        }
    }

    /// Creates a Secret, or finds out whether that is allowed. The answer, which repeats it, is not read.
    pub(super) async fn create_secret(&self, secret: &Secret, dry_run: bool) -> Result<(), ApiError> {
        let asked = format!("create the Secret {}", secret.metadata.name.as_deref().unwrap_or_default());
        let path = Secret::url_path(&(), Some(&self.namespace));
        let parameters = PostParams { dry_run, ..PostParams::default() };
        let body = serde_json::to_vec(secret).map_err(|error| ApiError::unanswered(&asked, error))?;
        let request = Request::new(path).create(&parameters, body);
        let request = request.map_err(|error| ApiError::unanswered(&asked, error))?;
        self.within(&asked, self.client.request_text(request)).await.map(drop)
    }

    /// The pods of the Job of this uid.
    pub(super) async fn pods_of(&self, job_uid: &str) -> Result<Vec<Pod>, ApiError> {
        let which = ListParams::default().labels(&format!("{CONTROLLER_UID}={job_uid}"));
        Ok(self.within("list pods", self.pods.list(&which)).await?.items)
    }

    /// The events about the thing of this uid.
    pub(super) async fn events_about(&self, uid: &str) -> Result<Vec<Event>, ApiError> {
        let which = ListParams::default().fields(&format!("involvedObject.uid={uid}")).limit(100);
        Ok(self.within("list events", self.events.list(&which)).await?.items)
    }

    /// What the worker of a pod has written, from its beginning.
    pub(super) async fn log(&self, pod: &str) -> Result<impl AsyncBufRead + Send + Unpin + use<>, ApiError> {
        self.within(&asked_for_log(pod), self.pods.log_stream(pod, &log_params(false))).await.map(Box::pin)
    }

    /// What the worker of a pod writes, from its beginning until it ends. The answer may begin only with its first word,
    /// however late that comes.
    pub(super) async fn follow_log(
        &self,
        pod: &str,
    ) -> Result<impl AsyncBufRead + Send + Unpin + use<>, ApiError> {
        let log = self.pods.log_stream(pod, &log_params(true)).await;
        log.map(Box::pin).map_err(|error| ApiError::new(&asked_for_log(pod), error))
    }

    /// The answer, if it comes in time.
    pub(super) async fn within<T>(
        &self,
        asked: &str,
        answer: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, ApiError> {
        match tokio::time::timeout(self.call_timeout, answer).await {
            Ok(answer) => answer.map_err(|error| ApiError::new(asked, error)),
            Err(_) => Err(ApiError::timed_out(asked, self.call_timeout)),
        }
    }
}

fn log_params(follow: bool) -> LogParams {
    LogParams { container: Some(WORKER.to_owned()), follow, ..LogParams::default() }
}

fn asked_for_log(pod: &str) -> String {
    format!("give the log of the pod {pod}")
}

fn only(uid: &str) -> DeleteParams {
    let preconditions = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
    DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() }
}
