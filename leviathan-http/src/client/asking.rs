//! `Asking`: what operators ask and order, by a deadline.

use super::control_plane::REQUEST;
use super::{
    AttemptQuery, ClientError, ControlPlane, Export, FailureQuery, TaskQuery, answer, export, retry,
};
use crate::checkpoint::{PublicKeyView, SignedCheckpoint};
use crate::view::{
    AttemptDetail, AttemptOrdered, AttemptPage, EventPage, EventView, FailurePage, GraphDigest, GraphSummary,
    LimitsView, TargetOrdered, TaskOrdered, TaskPage, TaskView,
};
use leviathan_core::Limits;
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{AttemptId, TargetId};
use leviathan_core::log::Position;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Instant;

/// A control plane that is asked by an operator, until a deadline. [`ControlPlane::asking_until`] gives it.
///
/// What does no harm twice is tried again until the deadline, after what `Retry-After` says or with longer and longer pauses.
/// Every method fails with `Refused` if the control plane will not (with 404 for what it does not know, 409 for what makes no
/// sense as things are, and 400 with each fault named), with `NoAnswer` if none came before the deadline, and with
/// `BadAnswer` if what came is none.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub(super) control_plane: &'a ControlPlane,
    pub(super) deadline: Instant,
}

/// Why something is ordered.
#[derive(Serialize)]
struct Because<'a> {
    reason: &'a str,
}

#[derive(Serialize)]
struct NewLimits<'a> {
    limits: &'a Limits,
    reason: &'a str,
}

/// What every method fails with.
type Answered<T> = Result<T, ClientError>;

impl Asking<'_> {
    /// How much there is in the graph, and what happened last.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn summary(&self) -> Answered<GraphSummary> {
        self.get(&["v1", "graph", "summary"], &[]).await
    }

    /// One hash of the whole graph, now or as the log's replay up to a position gives it. It takes time in proportion to the
    /// log.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn digest(&self, at: Option<Position>) -> Answered<GraphDigest> {
        let at = at.map(|at| ("at", at.to_string()));
        self.get(&["v1", "graph", "digest"], at.as_slice()).await
    }

    /// A page of attempts, newest first.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn attempts(&self, query: &AttemptQuery) -> Answered<AttemptPage> {
        self.get(&["v1", "attempts"], &query.pairs()).await
    }

    /// One attempt with its events and artifacts.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn attempt(&self, id: &AttemptId) -> Answered<AttemptDetail> {
        self.get(&["v1", "attempts", id.as_str()], &[]).await
    }

    /// A page of attempts that failed, the last failure first.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn failures(&self, query: &FailureQuery) -> Answered<FailurePage> {
        self.get(&["v1", "failures"], &query.pairs()).await
    }

    /// A page of tasks, with the reason why those that do not run don't.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn tasks(&self, query: &TaskQuery) -> Answered<TaskPage> {
        self.get(&["v1", "tasks"], &query.pairs()).await
    }

    /// One task.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn task(&self, key: &TaskKey) -> Answered<TaskView> {
        self.get(&["v1", "tasks", key.target_id.as_str(), key.task_id.as_str()], &[]).await
    }

    /// The newest events, newest first.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn recent_events(&self, limit: u64) -> Answered<Vec<EventView>> {
        self.get(&["v1", "events", "recent"], &[("limit", limit.to_string())]).await
    }

    /// A page of the log behind `after`, oldest event first. A page without events is the end of the log.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn events(&self, after: Position, limit: u64) -> Answered<EventPage> {
        let query = [("after", after.to_string()), ("limit", limit.to_string())];
        self.get(&["v1", "events"], &query).await
    }

    /// The log behind `after` in its verifiable form. The deadline is for the export to begin; each further part of it may
    /// take 30 s.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn export(&self, after: Position) -> Answered<Export> {
        let query = [("after", after.to_string())];
        let path = ["v1", "events", "export"];
        retry::until(self.deadline, |left| {
            let request = self.request(Method::GET, &path, &query);
            async move {
                // Not of the request, whose time limit would be one for the whole export.
                let sent = tokio::time::timeout(left, self.control_plane.send(request)).await;
                let (name, response) = sent.unwrap_or_else(|_| Err(answer::too_late(&path)))?;
                export::begin(name, response)
            }
        })
        .await
    }

    /// The log's head as it is now, signed; `Refused` with 404 by a control plane that signs none.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn checkpoint(&self) -> Answered<SignedCheckpoint> {
        self.get(&["v1", "events", "checkpoint"], &[]).await
    }

    /// The key by which checkpoints are verified. Keep it from before: a log's keeper could change both.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn checkpoint_key(&self) -> Answered<PublicKeyView> {
        self.get(&["v1", "events", "checkpoint", "key"], &[]).await
    }

    /// The limits in force.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn limits(&self) -> Answered<Limits> {
        self.get(&["v1", "limits"], &[]).await.map(|LimitsView { limits }| limits)
    }

    /// Whether the control plane can work: its store answers, and its graph is at the log's head. Needs no token that is good.
    ///
    /// # Errors
    /// See [`Asking`]; `Refused` with 503 says why it can't.
    pub async fn ready(&self) -> Answered<()> {
        self.get::<serde::de::IgnoredAny>(&["readyz"], &[]).await.map(drop)
    }

    /// The API's description, as OpenAPI 3.1.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn describe(&self) -> Answered<serde_json::Value> {
        self.get(&["v1", "openapi.json"], &[]).await
    }

    /// The figures that Prometheus reads.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn metrics(&self) -> Answered<String> {
        retry::until(self.deadline, |left| {
            let request = self.request(Method::GET, &["metrics"], &[]).timeout(left.min(REQUEST));
            async move {
                let (name, response) = self.control_plane.send(request).await?;
                answer::text(&name, response).await
            }
        })
        .await
    }

    /// Wants an attempt to stop.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn cancel(&self, attempt: &AttemptId, reason: &str) -> Answered<AttemptOrdered> {
        self.order(Method::POST, &["v1", "attempts", attempt.as_str(), "cancel"], &Because { reason }).await
    }

    /// Takes back what an attempt came to.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn invalidate(&self, attempt: &AttemptId, reason: &str) -> Answered<AttemptOrdered> {
        self.order(Method::POST, &["v1", "attempts", attempt.as_str(), "invalidate"], &Because { reason })
            .await
    }

    /// Stops starting anything of a target.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn pause(&self, target: &TargetId, reason: &str) -> Answered<TargetOrdered> {
        self.order(Method::POST, &["v1", "targets", target.as_str(), "pause"], &Because { reason }).await
    }

    /// Lets a paused target go on.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn resume(&self, target: &TargetId, reason: &str) -> Answered<TargetOrdered> {
        self.order(Method::POST, &["v1", "targets", target.as_str(), "resume"], &Because { reason }).await
    }

    /// Puts other limits in force, taken whole.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn change_limits(&self, limits: &Limits, reason: &str) -> Answered<Limits> {
        let body = NewLimits { limits, reason };
        self.order(Method::PUT, &["v1", "limits"], &body).await.map(|LimitsView { limits }| limits)
    }

    /// Lets a failed or blocked task be tried again. Once that is so, it makes no sense again, so this is sent again only if
    /// it was refused as an overload; `NoAnswer` means that it may have been carried out.
    ///
    /// # Errors
    /// See [`Asking`].
    pub async fn retry(&self, task: &TaskKey, reason: &str) -> Answered<TaskOrdered> {
        let path = ["v1", "tasks", task.target_id.as_str(), task.task_id.as_str(), "retry"];
        let send = |left| self.sent(self.request(Method::POST, &path, &[]).json(&Because { reason }), left);
        retry::while_refused(self.deadline, send).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, String)]) -> Answered<T> {
        retry::until(self.deadline, |left| self.sent(self.request(Method::GET, path, query), left)).await
    }

    async fn order<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Answered<T> {
        let send = |left| self.sent(self.request(method.clone(), path, &[]).json(body), left);
        retry::until(self.deadline, send).await
    }

    fn request(&self, method: Method, path: &[&str], query: &[(&str, String)]) -> RequestBuilder {
        self.control_plane.request_with(method, path, query)
    }

    /// Sends a request once, within what is left of the time for it.
    async fn sent<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        left: std::time::Duration,
    ) -> Answered<T> {
        let (name, response) = self.control_plane.send(request.timeout(left.min(REQUEST))).await?;
        answer::json(&name, response).await
    }
}
