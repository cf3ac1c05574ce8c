//! Watches: the state or the history from a version on, and then each change as it happens.

use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::selector::Selector;
use crate::shared::Shared;
use crate::tamper::{Break, Tamper};
use crate::world::{Change, World};
use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const DEFAULT_TIMEOUT: u64 = 1800;

pub(crate) fn answer(shared: &Arc<Shared>, asked: &Asked, resource: Resource) -> Result<Reply, Failure> {
    asked.only(&[
        "watch",
        "labelSelector",
        "fieldSelector",
        "timeoutSeconds",
        "allowWatchBookmarks",
        "resourceVersion",
        "resourceVersionMatch",
        "sendInitialEvents",
    ])?;
    let selector = Selector::read(asked, resource)?;
    let bookmarks = asked.flag("allowWatchBookmarks")?;
    let initial = asked.flag("sendInitialEvents")?;
    let how = asked.query.get("resourceVersionMatch").map(String::as_str);
    if initial && how != Some("NotOlderThan") {
        let message = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        return Err(Failure::bad_request(message));
    }
    if !asked.query.contains_key("sendInitialEvents") && how.is_some() {
        return Err(Failure::bad_request(
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ));
    }
    let from = asked.version()?;
    let timeout = asked.number("timeoutSeconds")?.unwrap_or(DEFAULT_TIMEOUT);
    let bell = shared.bell();
    let watching = shared.change(|world| {
        if let Some(from) = from.filter(|from| *from > world.version()) {
            return Err(Failure::too_new(from, world.version()));
        }
        *world.open_watches.entry(resource).or_default() += 1;
        let mut watching = Watching {
            shared: shared.clone(),
            bell,
            resource,
            selector,
            bookmarks,
            next: world.history.len(),
            lines: VecDeque::new(),
            breaks: world.breaks.len(),
            end: Instant::now() + Duration::from_secs(timeout),
            over: None,
        };
        match from.filter(|from| *from > 0) {
            Some(from) if from < world.oldest && !initial => {
                watching.lines.push_back(error_line(&Failure::too_old(from, world.oldest)));
                watching.over = Some(Break::Clean);
            }
            Some(from) if !initial => {
                watching.next = world.history.partition_point(|change| change.version <= from);
            }
            _ => watching.open(world, initial),
        }
        Ok(watching)
    })?;
    let lines = futures::stream::unfold(watching, |mut watching| async move {
        let line = watching.next_line().await?;
        Some((line, watching))
    });
    Ok(Reply::stream("application/json", Body::from_stream(lines)))
}

/// A watch that is open.
struct Watching {
    shared: Arc<Shared>,
    bell: tokio::sync::watch::Receiver<()>,
    resource: Resource,
    selector: Selector,
    bookmarks: bool,
    /// Where in the history it goes on.
    next: usize,
    lines: VecDeque<Bytes>,
    /// How often watches were broken before.
    breaks: usize,
    end: Instant,
    /// How it ends once its lines are written.
    over: Option<Break>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.shared.change(|world| {
            let open = world.open_watches.entry(self.resource).or_default();
            *open = open.saturating_sub(1);
        });
    }
}

impl Watching {
    /// Begins with the state as it is.
    fn open(&mut self, world: &World, say_its_end: bool) {
        for object in world.all(self.resource).filter(|object| self.selector.takes(object)) {
            self.lines.push_back(line("ADDED", object));
        }
        if say_its_end && self.bookmarks {
            let mut mark = bookmark(self.resource, world.version());
            mark["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
            self.lines.push_back(line("BOOKMARK", &mark));
        }
    }

    async fn next_line(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(Ok(line));
            }
            match self.over {
                Some(Break::MidLine) => {
                    // What was written before is to be on its way.
                    tokio::task::yield_now().await;
                    self.over = Some(Break::Clean);
                    return Some(Err(io::Error::other("the stream is broken on purpose")));
                }
                Some(_) => return None,
                None => {}
            }
            self.bell.mark_unchanged();
            let shared = self.shared.clone();
            shared.look(|world| self.read_on(world));
            if self.lines.is_empty() && self.over.is_none() {
                tokio::select! {
                    rung = self.bell.changed() => rung.ok()?,
                    () = tokio::time::sleep_until(self.end) => self.over = Some(Break::Clean),
                }
            }
        }
    }

    /// Takes what happened since.
    fn read_on(&mut self, world: &World) {
        let held = world.held.get(&self.resource).copied().unwrap_or(u64::MAX);
        while let Some(change) = world.history.get(self.next).filter(|change| change.version <= held) {
            self.next += 1;
            if change.resource == self.resource {
                self.take(change);
            }
        }
        let mut breaks = world.breaks[self.breaks..].iter();
        if let Some((_, how)) = breaks.find(|(resource, _)| *resource == self.resource) {
            self.over = Some(*how);
            match how {
                Break::Clean => {}
                Break::MidLine => self.lines.push_back(Bytes::from_static(b"{\"type\":\"MODIFIED\",\"obj")),
                Break::Expired => {
                    self.lines.push_back(error_line(&Failure::too_old(world.version(), world.oldest)));
                }
            }
        }
    }

    fn take(&mut self, change: &Change) {
        let Some(after) = &change.after else {
            if self.bookmarks {
                self.lines.push_back(line("BOOKMARK", &bookmark(self.resource, change.version)));
            }
            return;
        };
        // For a watch, what its selector takes no more is gone, and what it takes only now is new.
        let before = change.before.as_ref().is_some_and(|before| self.selector.takes(before));
        let now = !change.deleted && self.selector.takes(after);
        let kind = match (before, now) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return,
        };
        let times = match change.tamper {
            Some(Tamper::Lost) => 0,
            Some(Tamper::Twice) => 2,
            None => 1,
        };
        self.lines.extend(vec![line(kind, after); times]);
    }
}

fn bookmark(resource: Resource, version: u64) -> Value {
    let metadata = json!({"resourceVersion": version.to_string()});
    json!({"kind": resource.kind(), "apiVersion": resource.api_version(), "metadata": metadata, "spec": {}})
}

fn line(kind: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n"))
}

fn error_line(failure: &Failure) -> Bytes {
    line("ERROR", &failure.status())
}
