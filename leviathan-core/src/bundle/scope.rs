//! `Bundle::faults_beyond`: what of a bundle is not about one attempt.

use super::{Bundle, BundleFault, Subject};
use crate::event::{Event, EventDraft};
use crate::id::{AttemptId, TargetId};

impl Bundle {
    /// What of it is not about `attempt` of `target`, for who may speak of that alone. Where the target is not known, any
    /// may stand there.
    pub fn faults_beyond(&self, attempt: &AttemptId, target: Option<&TargetId>) -> Vec<BundleFault> {
        let other = target.filter(|target| **target != self.target).map(|target| BundleFault {
            path: "target".to_owned(),
            what: format!("{attempt} is of the target {target}"),
        });
        let beyond = self.events.iter().enumerate().filter(|(_, event)| !is_about(event, attempt));
        let faults = beyond.map(|(index, event)| BundleFault {
            path: format!("events[{index}].payload"),
            what: format!("this {} is not about {attempt}", event.event_type.as_str()),
        });
        other.into_iter().chain(faults).collect()
    }
}

/// Whether an event's subject is the attempt. A retry's is its task, even where it names the attempt that failed.
fn is_about(event: &EventDraft, attempt: &AttemptId) -> bool {
    let target = event.target.as_ref();
    match Event::decode(event.event_type.as_str(), event.version, event.payload.as_str(), target) {
        Ok(Event::Custom) => Subject::of(event).attempt_id().as_ref() == Some(attempt),
        Ok(Event::RetryScheduled(_)) | Err(_) => false,
        Ok(typed) => typed.attempt_id() == Some(attempt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn bundle(events: &[(&str, Value)]) -> Bundle {
        let event = |(event_type, payload): &(&str, Value)| {
            json!({"event_id": "e", "event_type": event_type, "timestamp": "2026-01-24T10:00:05Z",
                "actor_id": "w", "payload": payload})
        };
        let events: Vec<Value> = events.iter().map(event).collect();
        Bundle::parse(json!({"target": "radix", "events": events}).to_string().as_bytes()).unwrap()
    }

    fn paths(bundle: &Bundle, target: Option<&str>) -> Vec<String> {
        let attempt = AttemptId::new("a").unwrap();
        let target = target.map(|target| TargetId::new(target).unwrap());
        bundle.faults_beyond(&attempt, target.as_ref()).into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn what_an_attempt_s_worker_says_of_it_is_within() {
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let own = bundle(&[
            ("attempt.created", json!({"attempt_id": "a", "task_id": "docs", "attempt_number": 1})),
            ("attempt.started", json!({"attempt_id": "a"})),
            ("tests.passed", json!({"attempt_id": "a", "command": "true"})),
            ("artifact.created", json!({"attempt_id": "a", "sha256": digest})),
            ("pr.created", json!({"attempt_id": "a", "pr_number": 7})),
            ("attempt.succeeded", json!({"attempt_id": "a"})),
            ("file.discovered", json!({"attempt_id": "a", "path": "x"})),
        ]);
        assert_eq!(paths(&own, Some("radix")), [""; 0]);
        assert_eq!(paths(&own, None), [""; 0]);
        assert_eq!(paths(&own, Some("other")), ["target"]);
    }

    #[test]
    fn each_event_about_anything_else_is_named() {
        let foreign = bundle(&[
            ("attempt.started", json!({"attempt_id": "a"})),
            ("attempt.started", json!({"attempt_id": "b"})),
            ("pr.created", json!({"pr_number": 7})),
            ("file.discovered", json!({"path": "x"})),
            ("task.completed", json!({"task_id": "docs", "attempt_id": "a"})),
            ("target.paused", json!({"reason": "x", "attempt_id": "a"})),
            ("retry.scheduled", json!({"task_id": "docs", "attempt_id": "a"})),
        ]);
        let named: Vec<String> = (1..7).map(|index| format!("events[{index}].payload")).collect();
        assert_eq!(paths(&foreign, Some("radix")), named);
    }
}
