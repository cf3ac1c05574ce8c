//! `Poster`: a client of the API that posts facts and remembers which were acknowledged.

use leviathan_core::event::{EventDraft, EventType, Origin, Payload};
use leviathan_core::id::{ActorId, EventId, TargetId};
use leviathan_core::{Bundle, Secret, parse_timestamp};
use leviathan_http::client::ControlPlane;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Posts one fact after another until it is stopped.
pub(crate) struct Poster {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Poster {
    /// Posts facts named after `name` to the host whose state is in `state`, once there is one.
    pub(crate) fn start(state: PathBuf, name: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(post(&state, name, &stopped))
        });
        Self { stop, thread }
    }

    /// The ids of the facts that were acknowledged.
    pub(crate) fn acknowledged(self) -> Vec<String> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("the poster ends")
    }
}

async fn post(state: &Path, name: &str, stop: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0u32.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let id = format!("{name}-{number}");
        let Some(client) = client(state) else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A host that is killed or not yet there does not answer; that fact then counts as not acknowledged.
        let deadline = Instant::now() + Duration::from_millis(200);
        if client.ingest(&fact(&id), deadline).await.is_ok() {
            acknowledged.push(id);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    acknowledged
}

fn client(state: &Path) -> Option<ControlPlane> {
    let read = |name: &str| std::fs::read_to_string(state.join(name)).ok();
    let (port, token) = (read("api-port")?, read("worker-token")?);
    ControlPlane::new(&format!("http://127.0.0.1:{port}"), Secret::new(token)).ok()
}

fn fact(id: &str) -> Bundle {
    let target = TargetId::new("demo").unwrap();
    let event = EventDraft {
        event_id: EventId::new(id).unwrap(),
        event_type: EventType::from("poster.posted"),
        version: 1,
        timestamp: parse_timestamp("2026-01-24T10:00:05Z").unwrap(),
        actor_id: ActorId::new("poster").unwrap(),
        origin: Origin::Claimed,
        target: Some(target.clone()),
        payload: Payload::parse("{}").unwrap(),
    };
    Bundle { bundle_id: id.to_owned(), target, events: vec![event] }
}
