//! What a question for a pod's log is answered with.

use crate::failure::Failure;
use crate::log::LogAnswer;
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::shared::Shared;
use crate::world::{World, text};
use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

pub(crate) fn answer(shared: &Arc<Shared>, asked: &Asked) -> Result<Reply, Failure> {
    asked.only(&["container", "follow", "limitBytes", "tailLines", "timestamps"])?;
    if asked.flag("timestamps")? {
        return Err(Failure::bad_request("timestamps are not served here"));
    }
    let (namespace, name) =
        (asked.namespace.clone().unwrap_or_default(), asked.name.clone().unwrap_or_default());
    let (uid, log, kept) = shared.look(|world| {
        let pod = world.get(Resource::Pods, &namespace, &name);
        let pod = pod.ok_or_else(|| Failure::not_found(Resource::Pods, &name))?;
        let uid = text(&pod["metadata"]["uid"]);
        let kept = world.logs.get(&uid).cloned().unwrap_or_default();
        read(pod, &name, asked, kept.instead.as_ref(), &kept.text).map(|log| (uid, log, kept))
    })?;
    let Found::Log(log) = log else {
        return Ok(match log {
            Found::NoNode => Reply::text(204, Body::empty()),
            Found::Other(other) | Found::Log(other) => Reply::text(200, other),
        });
    };
    let mut log = log.into_bytes();
    if let Some(lines) = asked.number("tailLines")? {
        log = tail(&log, lines);
    }
    let limit = asked.number("limitBytes")?.and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = limit {
        log.truncate(limit);
    }
    if !asked.flag("follow")? {
        return Ok(Reply::text(200, log));
    }
    shared.change(|world| world.open_follows += 1);
    let left = limit.map_or(usize::MAX, |limit| limit - log.len());
    let following = Following {
        shared: shared.clone(),
        namespace,
        name,
        uid,
        written: kept.text.len(),
        left,
        cuts: kept.cuts,
        ends: kept.ends,
        over: false,
    };
    let first = futures::stream::iter((!log.is_empty()).then(|| Ok(Bytes::from(log))));
    let rest = futures::stream::unfold((following, shared.bell()), |(mut following, mut bell)| async move {
        let piece = following.next_piece(&mut bell).await?;
        Some((piece, (following, bell)))
    });
    let lines = futures::StreamExt::chain(first, rest);
    Ok(Reply::stream("text/plain", Body::from_stream(lines)))
}

enum Found {
    Log(String),
    Other(String),
    NoNode,
}

fn read(
    pod: &Value,
    name: &str,
    asked: &Asked,
    instead: Option<&LogAnswer>,
    log: &str,
) -> Result<Found, Failure> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let names: Vec<&str> = containers.filter_map(|container| container["name"].as_str()).collect();
    let container = match (asked.query.get("container").map(String::as_str), names.as_slice()) {
        (Some(container), _) if names.contains(&container) => container,
        (Some(container), _) => {
            return Err(Failure::bad_request(format!("container {container} is not valid for pod {name}")));
        }
        (None, [only]) => only,
        (None, _) => {
            let message = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                names.join(" ")
            );
            return Err(Failure::bad_request(message));
        }
    };
    if pod["spec"]["nodeName"].is_null() {
        return Ok(Found::NoNode);
    }
    let what = format!("container {container:?} in pod {name:?}");
    let statuses = pod["status"]["containerStatuses"].as_array();
    let unknown = || {
        let message = format!("the server could not find the requested resource ( pods/log {name})");
        Failure::new(404, "NotFound", message).with(json!({"name": name, "kind": "pods/log"}))
    };
    match instead {
        Some(LogAnswer::Lost(body)) => return Ok(Found::Other(body.clone())),
        Some(LogAnswer::Terminated) => {
            return Err(Failure::new(400, "BadRequest", format!("{what} is terminated")));
        }
        Some(LogAnswer::UnknownToNode) => return Err(unknown()),
        Some(LogAnswer::NodeDown) => {
            let namespace = text(&pod["metadata"]["namespace"]);
            let message = format!(
                "Get \"https://10.244.0.1:10250/containerLogs/{namespace}/{name}/{container}\": dial tcp \
                 10.244.0.1:10250: connect: connection refused"
            );
            return Err(Failure::new(500, None, message));
        }
        None => {}
    }
    let Some(statuses) = statuses else { return Err(unknown()) };
    let state = statuses.iter().find(|status| status["name"] == container).map(|status| &status["state"]);
    if let Some(reason) = state.and_then(|state| state["waiting"]["reason"].as_str()) {
        let reason = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            other => other,
        };
        let message = format!("{what} is waiting to start: {reason}");
        return Err(Failure::new(400, "BadRequest", message));
    }
    Ok(Found::Log(log.to_owned()))
}

fn tail(log: &[u8], lines: u64) -> Vec<u8> {
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    let all: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
    all[all.len().saturating_sub(lines)..].concat()
}

/// A log that is followed until its container ends.
struct Following {
    shared: Arc<Shared>,
    namespace: String,
    name: String,
    uid: String,
    written: usize,
    left: usize,
    cuts: u64,
    ends: u64,
    over: bool,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.shared.change(|world| world.open_follows = world.open_follows.saturating_sub(1));
    }
}

impl Following {
    async fn next_piece(&mut self, bell: &mut tokio::sync::watch::Receiver<()>) -> Option<io::Result<Bytes>> {
        loop {
            bell.mark_unchanged();
            if self.over || self.left == 0 {
                return None;
            }
            let (piece, ended, cut) = self.shared.look(|world| self.look(world));
            if !piece.is_empty() {
                self.written += piece.len();
                let piece = piece.slice(..piece.len().min(self.left));
                self.left -= piece.len();
                return Some(Ok(piece));
            }
            if cut {
                self.over = true;
                tokio::task::yield_now().await;
                return Some(Err(io::Error::other("the log is cut on purpose")));
            }
            if ended {
                return None;
            }
            bell.changed().await.ok()?;
        }
    }

    /// What was written since, whether the container ended or the log seems to, and whether the stream is to be cut.
    fn look(&self, world: &World) -> (Bytes, bool, bool) {
        let log = world.logs.get(&self.uid);
        let piece = log.and_then(|log| log.text.as_bytes().get(self.written..)).unwrap_or_default();
        let pod = world.get(Resource::Pods, &self.namespace, &self.name);
        let ended = log.is_some_and(|log| log.ends > self.ends);
        let ended = ended
            || pod.is_none_or(|pod| {
                let ended = !pod["status"]["containerStatuses"][0]["state"]["terminated"].is_null();
                ended || pod["metadata"]["uid"] != self.uid.as_str()
            });
        let cut = log.is_some_and(|log| log.cuts > self.cuts);
        (Bytes::copy_from_slice(piece), ended, cut)
    }
}
