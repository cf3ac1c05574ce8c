//! What existing workers send.

use serde_json::{Value, json};

pub(crate) fn event(id: &str, event_type: &str, at: &str, payload: Value) -> Value {
    json!({"event_id": id, "event_type": event_type, "timestamp": at, "actor_id": "worker-1", "payload": payload})
}

pub(crate) fn bundle(events: &[Value]) -> Value {
    json!({"target": "radix", "bundle_id": "bundle-1", "events": events})
}

pub(crate) fn started(attempt: &str) -> Value {
    let payload = json!({"attempt_id": attempt, "status": "running"});
    bundle(&[event("e-started", "attempt.started", "2026-01-24T10:00:05Z", payload)])
}

/// A bundle of facts that are named by their numbers, each with so many bytes of text.
pub(crate) fn facts(numbers: std::ops::Range<u64>, bytes: usize) -> Value {
    let text = "x".repeat(bytes);
    let fact = |n| event(&format!("fact-{n}"), "fact.told", "2026-01-24T10:00:05Z", json!({"text": text}));
    bundle(&numbers.map(fact).collect::<Vec<_>>())
}
